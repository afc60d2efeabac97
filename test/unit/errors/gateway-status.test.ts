import { describe, expect, test } from 'vitest';
import { NetworkError, type NetworkPhase } from '../../../src/errors/network-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { endpoint, everyError, service } from './every-error.ts';

function statusError(status: number): StatusError {
  return new StatusError({ service, endpoint, status, headers: {}, data: undefined, method: 'GET' });
}

describe('an upstream status becomes what a gateway should answer', () => {
  test.each([
    [400, 400],
    [401, 401],
    [404, 404],
    [418, 418],
    [429, 429],
    [499, 499],
    [500, 502],
    [501, 502],
    [502, 502],
    [503, 503],
    [504, 504],
    [505, 502],
    [599, 502],
    [999, 502],
    [302, 502],
  ])('%i is answered as %i', (status, gatewayStatus) => {
    expect(statusError(status)).toMatchObject({ status, gatewayStatus });
  });
});

describe('a network failure', () => {
  test.each<[NetworkPhase, number]>([
    ['lookup', 503],
    ['connect', 503],
    ['tls', 503],
    ['request', 503],
    ['response', 503],
    ['body', 502],
  ])('in phase %s is answered as %i', (phase, gatewayStatus) => {
    expect(new NetworkError({ service, endpoint, phase })).toMatchObject({ phase, gatewayStatus });
  });
});

test('every class has its code and gateway status', () => {
  const table = everyError().map(error => [error.name, error.code, error.gatewayStatus]);
  expect(table).toEqual([
    ['ConfigurationError', 'ERR_CONFIGURATION', 500],
    ['InvalidRequestError', 'ERR_INVALID_REQUEST', 500],
    ['StatusError', 'ERR_STATUS', 503],
    ['StatusError', 'ERR_STATUS', 404],
    ['NetworkError', 'ERR_NETWORK', 503],
    ['NetworkError', 'ERR_NETWORK', 502],
    ['TimeoutError', 'ERR_TIMEOUT', 504],
    ['CircuitOpenError', 'ERR_CIRCUIT_OPEN', 503],
    ['UnhealthyError', 'ERR_UNHEALTHY', 503],
    ['OverloadedError', 'ERR_OVERLOADED', 503],
    ['NoEndpointError', 'ERR_NO_ENDPOINT', 503],
    ['BodyTooLargeError', 'ERR_BODY_TOO_LARGE', 502],
    ['DecodeError', 'ERR_DECODE', 502],
    ['ValidationError', 'ERR_VALIDATION', 502],
    ['LoopError', 'ERR_LOOP', 508],
    ['ClientClosedError', 'ERR_CLIENT_CLOSED', 503],
  ]);
});
