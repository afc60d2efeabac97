import type {
  AttemptEndEvent,
  AttemptEvent,
  AttemptInterceptor,
  AttemptRecord,
  AttemptRequest,
  BaseEvent,
  BulkheadEvent,
  CallDeprecatedEvent,
  CallEndEvent,
  CallEvent,
  CallInterceptor,
  CallRequest,
  CircuitOpenEvent,
  ClientEventMap,
  ClientEventName,
  DiscoveryFailureEvent,
  EndpointEvent,
  EndpointHealth,
  HealthReport,
  InterceptedReply,
  InterceptorOptions,
  ProbeEvent,
  Reply,
  ReplyBody,
  ResponseHeaders,
  RetryRefusedEvent,
  RetryScheduledEvent,
  ServiceClient,
  ServiceResponse,
  StreamEndEvent,
  StreamProgressEvent,
  StreamResponse,
  Transport,
  TransportRequest,
} from 'holdfast';
import { describe, expectTypeOf, test } from 'vitest';
import { enforceDeadline } from '../../src/deadline/enforce-deadline.ts';
import type { AttemptScope, CallScope, DispatchScope } from '../../src/pipeline/scopes.ts';
import { compose } from '../../src/pipeline/stage.ts';
import { bufferBody } from '../../src/transport/buffer-body.ts';
import type { ReceivedReply } from '../../src/transport/received-reply.ts';

declare const client: ServiceClient;

describe('events', () => {
  test('are typed by their name', () => {
    client.on('call:end', event => {
      expectTypeOf(event).toEqualTypeOf<ClientEventMap['call:end']>();
      expectTypeOf(event.attempts).toEqualTypeOf<readonly AttemptRecord[]>();
      expectTypeOf(event.outcome).toEqualTypeOf<'success' | 'failure' | 'aborted'>();
    });
    expectTypeOf(client.on('probe:failure', () => {})).toEqualTypeOf<() => void>();
    // @ts-expect-error no such event
    client.on('call:finished', () => {});
  });

  test('have payloads with names, for listeners written elsewhere', () => {
    expectTypeOf<ClientEventMap['call:start']>().toEqualTypeOf<CallEvent>();
    expectTypeOf<ClientEventMap['call:end']>().toEqualTypeOf<CallEndEvent>();
    expectTypeOf<ClientEventMap['call:deprecated']>().toEqualTypeOf<CallDeprecatedEvent>();
    expectTypeOf<ClientEventMap['attempt:start' | 'hedge:launched']>().toEqualTypeOf<AttemptEvent>();
    expectTypeOf<ClientEventMap['attempt:end']>().toEqualTypeOf<AttemptEndEvent>();
    expectTypeOf<ClientEventMap['retry:scheduled']>().toEqualTypeOf<RetryScheduledEvent>();
    expectTypeOf<ClientEventMap['retry:refused']>().toEqualTypeOf<RetryRefusedEvent>();
    expectTypeOf<ClientEventMap['bulkhead:queued' | 'bulkhead:rejected']>().toEqualTypeOf<BulkheadEvent>();
    expectTypeOf<ClientEventMap['stream:progress']>().toEqualTypeOf<StreamProgressEvent>();
    expectTypeOf<ClientEventMap['stream:end']>().toEqualTypeOf<StreamEndEvent>();
    expectTypeOf<ClientEventMap['circuit:open']>().toEqualTypeOf<CircuitOpenEvent>();
    expectTypeOf<ClientEventMap['endpoint:added' | 'circuit:close']>().toEqualTypeOf<EndpointEvent>();
    expectTypeOf<ClientEventMap['probe:success' | 'probe:failure']>().toEqualTypeOf<ProbeEvent>();
    expectTypeOf<ClientEventMap['discovery:failure']>().toEqualTypeOf<DiscoveryFailureEvent>();
    expectTypeOf<ClientEventMap[ClientEventName]>().toExtend<BaseEvent>();
    expectTypeOf<ServiceResponse['headers']>().toEqualTypeOf<ResponseHeaders>();
  });

  test('all say whose they are and when; those of a call, of which', () => {
    type Every = ClientEventMap[ClientEventName];
    expectTypeOf<Every>().toExtend<{ readonly service: string; readonly at: number }>();
    type OfCalls = ClientEventMap[
      | 'call:start'
      | 'call:end'
      | 'attempt:start'
      | 'attempt:end'
      | 'retry:scheduled'
      | 'retry:refused'
      | 'hedge:launched'
      | 'bulkhead:queued'
      | 'bulkhead:rejected'
      | 'stream:end'];
    expectTypeOf<OfCalls>().toExtend<{
      readonly callId: string;
      readonly method: string;
      readonly route?: string | undefined;
    }>();
    type OfEndpoints = ClientEventMap[
      | 'circuit:open'
      | 'circuit:half-open'
      | 'circuit:close'
      | 'endpoint:added'
      | 'endpoint:removed'
      | 'endpoint:unavailable'
      | 'endpoint:available'
      | 'probe:success'
      | 'probe:failure'];
    expectTypeOf<OfEndpoints>().toExtend<{ readonly endpoint: string; readonly reason: string }>();
  });
});

describe('interceptors', () => {
  test('of calls see the call and give an answer', () => {
    const interceptor: CallInterceptor = (request, next) => {
      expectTypeOf(request).toEqualTypeOf<CallRequest>();
      return next({ ...request, headers: { ...request.headers, 'x-a': 'b' } });
    };
    expectTypeOf(interceptor).returns.resolves.toEqualTypeOf<ServiceResponse<unknown> | StreamResponse>();
    // @ts-expect-error nothing is no answer
    const forgetful: CallInterceptor = async (request, next) => {
      await next(request);
    };
  });

  test('of attempts see the request and give a reply, or their own bytes', () => {
    const signing: AttemptInterceptor = (request, next) => {
      expectTypeOf(request).toEqualTypeOf<AttemptRequest>();
      return next({ ...request, headers: { ...request.headers, signature: 's' } });
    };
    const answering: AttemptInterceptor = async () => ({ status: 200, headers: {}, bytes: new Uint8Array() });
    const options: InterceptorOptions = { call: [], attempt: [signing, answering] };
    expectTypeOf(options.attempt).toEqualTypeOf<readonly AttemptInterceptor[] | undefined>();
    expectTypeOf<
      (request: AttemptRequest, next: (request: AttemptRequest) => Promise<Reply>) => Promise<Reply>
    >().toExtend<AttemptInterceptor>();
    expectTypeOf<Reply>().toExtend<InterceptedReply>();
  });

  test('cannot change a request in place', () => {
    const request = {} as AttemptRequest;
    // @ts-expect-error readonly
    request.url = 'http://b';
    // @ts-expect-error readonly
    request.headers.a = 'b';
  });
});

test('health is told per endpoint', () => {
  expectTypeOf(client.health()).toEqualTypeOf<HealthReport>();
  expectTypeOf(client.probe()).resolves.toEqualTypeOf<HealthReport>();
  expectTypeOf<HealthReport['endpoints']>().toEqualTypeOf<readonly EndpointHealth[]>();
  expectTypeOf<EndpointHealth['circuit']>().toEqualTypeOf<'closed' | 'open' | 'half-open' | 'disabled'>();
});

test('a transport sends requests and closes', () => {
  expectTypeOf<Transport['send']>().toEqualTypeOf<(request: TransportRequest) => Promise<Reply>>();
  expectTypeOf<Reply['body']>().toEqualTypeOf<ReplyBody>();
});

describe('the line of a call', () => {
  const end = {} as (scope: CallScope) => Promise<ReceivedReply>;

  test('takes a stage at its own level', () => {
    expectTypeOf(compose<CallScope, ReceivedReply>([enforceDeadline], end)).toEqualTypeOf(end);
    expectTypeOf<DispatchScope>().toExtend<AttemptScope>();
  });

  test('does not take one of a deeper level', () => {
    // @ts-expect-error there is no endpoint yet
    compose<CallScope, ReceivedReply>([bufferBody], end);
  });
});
