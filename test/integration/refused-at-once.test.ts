import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import {
  CircuitOpenError,
  OverloadedError,
  type ServiceClientOverrides,
  TimeoutError,
} from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { held, json, mockServices, status } from './mocked-services.ts';
import { openClient, type TestClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

/** A client whose circuit has just opened, so that a call has nowhere to go. */
async function refusing(options: ServiceClientOverrides = {}): Promise<TestClient> {
  users.answers(status(500));
  const opened = openClient({ retry: false, circuitBreaker: { minThroughput: 1 }, ...options });
  await opened.client.safe.get('/');
  opened.events.clear();
  users.requests.length = 0;
  return opened;
}

test('a refused call is reported like any other', async () => {
  const { client, events } = await refusing();
  const error = await rejectionOf(
    client.get('/users/{id}', { params: { id: 7 }, context: { requestId: 'r-1' } }),
  );
  expect(error).toBeInstanceOf(CircuitOpenError);
  expect((error as CircuitOpenError).toProblem()).toMatchObject({ status: 503, requestId: 'r-1' });
  expect(events.names).toEqual(['call:start', 'call:end']);
  const [start] = events.of('call:start');
  expect(start).toMatchObject({ method: 'GET', route: '/users/{id}', context: { requestId: 'r-1' } });
  expect(events.of('call:end')).toMatchObject([
    { callId: start?.callId, outcome: 'failure', code: 'ERR_CIRCUIT_OPEN', attempts: [] },
  ]);
});

test.each(['stream', 'fetch', 'safe'] as const)('client.%s is refused too, without a request', async way => {
  const { client } = await refusing();
  const code = {
    stream: async () => ((await rejectionOf(client.stream('GET', '/'))) as CircuitOpenError).code,
    fetch: async () => ((await rejectionOf(client.fetch('/'))) as CircuitOpenError).code,
    safe: async () => {
      const result = await client.safe.get('/');
      return result.ok ? 'ok' : (result.error as CircuitOpenError).code;
    },
  };
  expect(await code[way]()).toBe('ERR_CIRCUIT_OPEN');
  expect(users.requests).toEqual([]);
});

test('a fallback answers in its place', async () => {
  const { client } = await refusing();
  const answer = await client.get('/', { fallback: () => 'stand-in' });
  expect(answer).toMatchObject({ data: 'stand-in', fromFallback: true });
  expect(answer.fallbackError).toBeInstanceOf(CircuitOpenError);
});

test('bad input is told first', async () => {
  const { client, events } = await refusing();
  expect(await rejectionOf(client.get('no\\path'))).toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  expect(events.names).toEqual([]);
});

test('a call interceptor may answer by itself', async () => {
  const cached = { ok: true, status: 200, headers: {}, data: 'cached' } as never;
  const { client } = await refusing({
    interceptors: { call: [(request, next) => (request.path === '/cached' ? cached : next(request))] },
  });
  expect(await client.get('/cached')).toMatchObject({ data: 'cached' });
  expect(await rejectionOf(client.get('/'))).toBeInstanceOf(CircuitOpenError);
});

test('a call that was aborted beforehand rejects with its reason', async () => {
  const { client, events } = await refusing();
  const reason = new Error('gone');
  expect(await rejectionOf(client.get('/', { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(events.of('call:end')).toMatchObject([{ outcome: 'aborted' }]);
});

test('a deadline that has passed is told first', async () => {
  const { client, clock } = await refusing();
  expect(await rejectionOf(client.get('/', { deadline: clock.now() }))).toBeInstanceOf(TimeoutError);
  expect(await rejectionOf(client.get('/', { deadline: clock.now() + 1 }))).toBeInstanceOf(CircuitOpenError);
});

test('a full client refuses for that', async () => {
  const slow = held(json({ ok: true }));
  users.answers(status(500), slow.answer);
  const { client, clock } = openClient({
    retry: false,
    circuitBreaker: { minThroughput: 1, openMs: 1000 },
    bulkhead: { maxConcurrent: 1, maxQueued: 0 },
  });
  await client.safe.get('/');
  await clock.advance(1000);
  const trial = client.get('/');
  await users.received(2);
  expect(await rejectionOf(client.get('/'))).toBeInstanceOf(OverloadedError);
  slow.release();
  await trial;
});

test('a stream handed over ends with the call', async () => {
  const { client } = await refusing();
  const source = Readable.from(['never read']);
  expect(await rejectionOf(client.post('/', { body: source }))).toBeInstanceOf(CircuitOpenError);
  expect(source.destroyed).toBe(true);
});
