import { describe, expect, test } from 'vitest';
import { BodyTooLargeError } from '../../../src/errors/body-too-large-error.ts';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { ClientClosedError } from '../../../src/errors/client-closed-error.ts';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { DecodeError } from '../../../src/errors/decode-error.ts';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { LoopError } from '../../../src/errors/loop-error.ts';
import { NetworkError, type NetworkErrorInit } from '../../../src/errors/network-error.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { OverloadedError } from '../../../src/errors/overloaded-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { TimeoutError, type TimeoutErrorInit } from '../../../src/errors/timeout-error.ts';
import { UnhealthyError } from '../../../src/errors/unhealthy-error.ts';
import { ValidationError } from '../../../src/errors/validation-error.ts';
import { endpoint, service } from './every-error.ts';

const issues = [
  { path: 'tiemout', message: 'unknown option, did you mean "timeout"?' },
  { path: 'endpoints[1].url', message: 'must be http or https' },
];

describe('a message says what, to whom, after how much', () => {
  const status = { service, endpoint, headers: {}, data: undefined, method: 'GET' };
  test.each([
    [new StatusError({ ...status, status: 503 }), 'users: 503 from http://localhost:3001'],
    [
      new CircuitOpenError({ service, endpoint, retryAfterMs: 4199.2 }),
      'users: circuit of http://localhost:3001 is open, next trial in 4200 ms',
    ],
    [
      new CircuitOpenError({ service, retryAfterMs: 10 }),
      'users: every circuit is open, next trial in 10 ms',
    ],
    [
      new UnhealthyError({ service, endpoints: ['http://a', 'http://b'] }),
      'users: no healthy endpoint, down: http://a, http://b',
    ],
    [
      new UnhealthyError({
        service,
        endpoints: ['http://a', 'http://b', 'http://c', 'http://d', 'http://e'],
      }),
      'users: no healthy endpoint, down: http://a, http://b, http://c and 2 more',
    ],
    [
      new OverloadedError({ service, maxConcurrent: 10, maxQueued: 2 }),
      'users: overloaded, 10 calls running and 2 waiting',
    ],
    [new NoEndpointError({ service }), 'users: no endpoint to send to'],
    [
      new BodyTooLargeError({ service, endpoint, limitBytes: 1024 }),
      'users: body from http://localhost:3001 is larger than 1024 bytes',
    ],
    [
      new DecodeError({ service, endpoint, contentType: 'text/html', status: 200 }),
      'users: body of 200 from http://localhost:3001 cannot be decoded',
    ],
    [
      new DecodeError({ service, endpoint, contentType: 'text/html', status: 200, fault: 'content-type' }),
      'users: body of 200 from http://localhost:3001 is not of the expected content-type',
    ],
    [
      new DecodeError({ service, endpoint, contentType: undefined, status: 200, fault: 'coding' }),
      'users: body of 200 from http://localhost:3001 has a corrupt content coding',
    ],
    [
      new ValidationError({ service, endpoint, issues, status: 200 }),
      'users: body of 200 from http://localhost:3001 does not match its schema, 2 issues',
    ],
    [
      new ValidationError({ service, endpoint, issues: issues.slice(1), status: 201 }),
      'users: body of 201 from http://localhost:3001 does not match its schema, 1 issue',
    ],
    [new LoopError({ service }), 'users: request came back to this client, not sent again'],
    [new ClientClosedError({ service }), 'users: client is closed'],
  ])('%s', (error, message) => {
    expect(error.message).toBe(message);
  });

  test.each<[Omit<NetworkErrorInit, 'service'>, string]>([
    [
      { endpoint, phase: 'connect', systemCode: 'ECONNREFUSED' },
      'users: connection to http://localhost:3001 refused (ECONNREFUSED)',
    ],
    [
      { endpoint, phase: 'connect', systemCode: 'EHOSTUNREACH' },
      'users: connection to http://localhost:3001 failed (EHOSTUNREACH)',
    ],
    [
      { endpoint, phase: 'lookup', systemCode: 'ENOTFOUND' },
      'users: name of http://localhost:3001 not found (ENOTFOUND)',
    ],
    [
      { endpoint, phase: 'lookup', systemCode: 'EAI_AGAIN' },
      'users: name of http://localhost:3001 could not be looked up (EAI_AGAIN)',
    ],
    [
      { endpoint, phase: 'tls', systemCode: 'CERT_HAS_EXPIRED' },
      'users: TLS handshake with http://localhost:3001 failed (CERT_HAS_EXPIRED)',
    ],
    [
      { endpoint, phase: 'request', systemCode: 'EPIPE' },
      'users: request to http://localhost:3001 broke off while it was sent (EPIPE)',
    ],
    [
      {
        endpoint,
        phase: 'request',
        cause: Object.assign(new Error(), { code: 'ENOENT' }),
        callerCause: true,
      },
      'users: request body for http://localhost:3001 failed at its source',
    ],
    [
      { endpoint, phase: 'response', cause: Object.assign(new Error(), { code: 'ECONNRESET' }) },
      'users: connection to http://localhost:3001 lost before its response (ECONNRESET)',
    ],
    [
      { endpoint, phase: 'response', systemCode: 'HPE_INVALID_CONSTANT' },
      'users: malformed response from http://localhost:3001 (HPE_INVALID_CONSTANT)',
    ],
    [{ endpoint, phase: 'body' }, 'users: body from http://localhost:3001 broke off'],
    [{ phase: 'connect' }, 'users: connection to the service failed'],
  ])('NetworkError %o', (init, message) => {
    expect(new NetworkError({ service, ...init }).message).toBe(message);
  });

  test.each<[Omit<TimeoutErrorInit, 'service'>, string]>([
    [
      { endpoint, scope: 'attempt', timeoutMs: 8000 },
      'users: no answer from http://localhost:3001 within 8000 ms (attempt time limit)',
    ],
    [
      { endpoint, scope: 'connect', timeoutMs: 2000 },
      'users: no connection to http://localhost:3001 within 2000 ms (connect time limit)',
    ],
    [{ scope: 'connect', timeoutMs: 2000 }, 'users: no connection within 2000 ms (connect time limit)'],
    [
      { endpoint, scope: 'idle', timeoutMs: 30_000 },
      'users: no data from http://localhost:3001 for 30000 ms (idle time limit)',
    ],
    [{ scope: 'total', timeoutMs: 29_999.6 }, 'users: no answer within 30000 ms (total time limit)'],
    [{ scope: 'total', timeoutMs: 0 }, 'users: no time left, the deadline has passed (total time limit)'],
    [{ scope: 'total', timeoutMs: -5 }, 'users: no time left, the deadline has passed (total time limit)'],
  ])('TimeoutError %o', (init, message) => {
    expect(new TimeoutError({ service, ...init }).message).toBe(message);
  });
});

test('a configuration error lists every issue, one per line', () => {
  const error = new ConfigurationError({ service, issues });
  expect(error.message.split('\n')).toEqual([
    'users: invalid configuration',
    'tiemout: unknown option, did you mean "timeout"?',
    'endpoints[1].url: must be http or https',
  ]);
  expect(error.issues).toEqual(issues);
});

test('a configuration error without a name to call it by speaks of the configuration alone', () => {
  const error = new ConfigurationError({ issues: [{ path: '', message: 'must be an object' }] });
  expect(error.message).toBe('invalid configuration\nmust be an object');
  expect(error.service).toBe('');
});

test('an invalid request lists every issue, one per line', () => {
  const error = new InvalidRequestError({ service, issues });
  expect(error.message).toMatch(/^users: invalid request\ntiemout: .*\nendpoints\[1\]\.url: .*$/);
});

test('issues are a frozen copy', () => {
  const given = [{ path: 'a', message: 'wrong' }];
  const { issues: kept } = new InvalidRequestError({ service, issues: given });
  given[0]!.message = 'changed';
  given.push({ path: 'b', message: 'wrong' });
  expect(kept).toEqual([{ path: 'a', message: 'wrong' }]);
  expect(Object.isFrozen(kept) && Object.isFrozen(kept[0])).toBe(true);
});
