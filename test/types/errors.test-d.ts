import {
  type AnyServiceClientError,
  type AttemptRecord,
  type BodyTooLargeError,
  type CircuitOpenError,
  type ClientClosedError,
  type ConfigurationError,
  type DecodeError,
  type ErrorCode,
  type InvalidRequestError,
  type Issue,
  isServiceClientError,
  type LoopError,
  type NetworkError,
  type NetworkPhase,
  type NoEndpointError,
  type OverloadedError,
  type Problem,
  type ServiceClientError,
  type StatusError,
  type TimeoutError,
  type TimeoutScope,
  type UnhealthyError,
  type ValidationError,
} from 'holdfast';
import { describe, expectTypeOf, test } from 'vitest';

describe('an unknown error', () => {
  const error: unknown = undefined;

  test('is narrowed by the guard, and further by its code', () => {
    if (!isServiceClientError(error)) return;
    expectTypeOf(error).toEqualTypeOf<AnyServiceClientError>();
    if (error.code === 'ERR_STATUS') expectTypeOf(error).toEqualTypeOf<StatusError>();
    if (error.code === 'ERR_TIMEOUT') expectTypeOf(error).toEqualTypeOf<TimeoutError>();
    if (error.code === 'ERR_NETWORK') expectTypeOf(error.phase).toEqualTypeOf<NetworkPhase>();
  });

  test('has a code of its own for each class', () => {
    expectTypeOf<ConfigurationError['code']>().toEqualTypeOf<'ERR_CONFIGURATION'>();
    expectTypeOf<InvalidRequestError['code']>().toEqualTypeOf<'ERR_INVALID_REQUEST'>();
    expectTypeOf<StatusError['code']>().toEqualTypeOf<'ERR_STATUS'>();
    expectTypeOf<NetworkError['code']>().toEqualTypeOf<'ERR_NETWORK'>();
    expectTypeOf<TimeoutError['code']>().toEqualTypeOf<'ERR_TIMEOUT'>();
    expectTypeOf<CircuitOpenError['code']>().toEqualTypeOf<'ERR_CIRCUIT_OPEN'>();
    expectTypeOf<UnhealthyError['code']>().toEqualTypeOf<'ERR_UNHEALTHY'>();
    expectTypeOf<OverloadedError['code']>().toEqualTypeOf<'ERR_OVERLOADED'>();
    expectTypeOf<NoEndpointError['code']>().toEqualTypeOf<'ERR_NO_ENDPOINT'>();
    expectTypeOf<BodyTooLargeError['code']>().toEqualTypeOf<'ERR_BODY_TOO_LARGE'>();
    expectTypeOf<DecodeError['code']>().toEqualTypeOf<'ERR_DECODE'>();
    expectTypeOf<ValidationError['code']>().toEqualTypeOf<'ERR_VALIDATION'>();
    expectTypeOf<LoopError['code']>().toEqualTypeOf<'ERR_LOOP'>();
    expectTypeOf<ClientClosedError['code']>().toEqualTypeOf<'ERR_CLIENT_CLOSED'>();
  });
});

test('every error has what the page says', () => {
  expectTypeOf<AnyServiceClientError>().toExtend<ServiceClientError>();
  expectTypeOf<ServiceClientError>().toExtend<Error>();
  expectTypeOf<ServiceClientError['service']>().toEqualTypeOf<string>();
  expectTypeOf<ServiceClientError['attempts']>().toEqualTypeOf<readonly AttemptRecord[]>();
  expectTypeOf<ServiceClientError['gatewayStatus']>().toEqualTypeOf<number>();
  expectTypeOf<ServiceClientError['retryAfterMs']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<ServiceClientError['toProblem']>().returns.toEqualTypeOf<Problem>();
});

test('each error has fields of its own', () => {
  expectTypeOf<ConfigurationError['issues']>().toEqualTypeOf<readonly Issue[]>();
  expectTypeOf<InvalidRequestError['issues']>().toEqualTypeOf<readonly Issue[]>();
  expectTypeOf<ValidationError['issues']>().toEqualTypeOf<readonly Issue[]>();
  expectTypeOf<Issue>().toEqualTypeOf<{ readonly path: string; readonly message: string }>();
  expectTypeOf<StatusError['status']>().toEqualTypeOf<number>();
  expectTypeOf<StatusError['data']>().toEqualTypeOf<unknown>();
  expectTypeOf<StatusError['problem']>().toEqualTypeOf<Readonly<Record<string, unknown>> | undefined>();
  expectTypeOf<NetworkError['systemCode']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<NetworkPhase>().toEqualTypeOf<
    'lookup' | 'connect' | 'tls' | 'request' | 'response' | 'body'
  >();
  expectTypeOf<TimeoutError['scope']>().toEqualTypeOf<TimeoutScope>();
  expectTypeOf<TimeoutScope>().toEqualTypeOf<'connect' | 'attempt' | 'total' | 'idle'>();
  expectTypeOf<AnyServiceClientError['code']>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<TimeoutError['timeoutMs']>().toEqualTypeOf<number>();
  expectTypeOf<CircuitOpenError['retryAfterMs']>().toEqualTypeOf<number>();
  expectTypeOf<UnhealthyError['endpoints']>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<OverloadedError['maxConcurrent']>().toEqualTypeOf<number>();
  expectTypeOf<OverloadedError['maxQueued']>().toEqualTypeOf<number>();
  expectTypeOf<BodyTooLargeError['limitBytes']>().toEqualTypeOf<number>();
  expectTypeOf<DecodeError['contentType']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<DecodeError['status']>().toEqualTypeOf<number>();
  expectTypeOf<ValidationError['status']>().toEqualTypeOf<number>();
});
