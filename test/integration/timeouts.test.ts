import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { TimeoutError } from '../../src/index.ts';
import { startBlackhole } from '../support/blackhole.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { type ManualClock, settlePromises } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './test-client.ts';

/** Lets real I/O go on until so many timers run. */
async function untilTimers(clock: ManualClock, count: number): Promise<void> {
  while (clock.pending < count) await settlePromises();
}

describe('a call without an answer', () => {
  test('ends an attempt after attemptMs, and the next one has its time again', async () => {
    await using server = await startServer((_, res) => {
      if (server.requests.length > 1) sendJson(res, 'second');
    });
    const { client, clock, events } = openClient({ baseUrl: server.url });
    const call = client.get('/');
    await server.received();
    await clock.advance(8000);
    expect(await events.waitFor('retry:scheduled')).toMatchObject([{ attempt: 1, delayMs: 100 }]);
    await clock.advance(100);
    expect(await call).toMatchObject({
      data: 'second',
      attempts: [{ outcome: 'error', code: 'ERR_TIMEOUT', durationMs: 8000 }, { status: 200 }],
    });
  });

  test('is a TimeoutError, scope attempt, when no attempt is left', async () => {
    await using server = await startServer(() => {});
    const { client, clock } = openClient({ baseUrl: server.url, retry: false });
    const call = rejectionOf(client.get('/'));
    await server.received();
    await clock.advance(7_999);
    expect(server.inFlight).toBe(1);
    await clock.advance(1);
    const error = await call;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      code: 'ERR_TIMEOUT',
      scope: 'attempt',
      timeoutMs: 8000,
      endpoint: server.url,
      gatewayStatus: 504,
    });
    await server.drained();
  });

  test('is one of scope total when the total time ends it', async () => {
    await using server = await startServer(() => {});
    const { client, clock } = openClient({ baseUrl: server.url, timeout: { totalMs: 5000 } });
    const call = rejectionOf(client.get('/'));
    await server.received();
    await clock.advance(5000);
    expect(await call).toMatchObject({
      scope: 'total',
      timeoutMs: 5000,
      attempts: [{ outcome: 'error', code: 'ERR_TIMEOUT', durationMs: 5000 }],
    });
    await server.drained();
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['get', {}, 'deadline-too-near'],
    ['post', { json: {} }, 'deadline-too-near'],
    ['get', { retry: false }, 'not-retryable'],
  ] as const)(
    'that the total time ended is not resent, and the log says why (%s %j)',
    async (verb, options, refused) => {
      await using server = await startServer(() => {});
      const { client, clock } = openClient({ baseUrl: server.url });
      const result = client.safe[verb]('/', { ...options, timeout: { totalMs: 5000 } });
      await server.received();
      await clock.advance(5000);
      expect((await result).attempts).toMatchObject([{ outcome: 'error', retry: { refused } }]);
      expect(server.requests).toHaveLength(1);
    },
  );

  test('that the caller ended has no decision: nobody asked for one', async () => {
    await using server = await startServer(() => {});
    const { client } = openClient({ baseUrl: server.url });
    const controller = new AbortController();
    const result = client.safe.get('/', { signal: controller.signal });
    await server.received();
    controller.abort();
    const { attempts } = await result;
    expect(attempts).toMatchObject([{ outcome: 'aborted' }]);
    expect(attempts[0]).not.toHaveProperty('retry');
  });

  test('covers the buffered body too', async () => {
    await using server = await startServer((_, res) => {
      res.write('half');
    });
    const { client, clock, events } = openClient({ baseUrl: server.url, retry: false });
    const call = rejectionOf(client.get('/'));
    await server.received();
    // The idle limit starts with the body.
    await untilTimers(clock, 3);
    await clock.advance(8000);
    expect(await call).toMatchObject({ scope: 'attempt' });
    expect(events.of('attempt:end')).toMatchObject([{ outcome: 'error' }]);
  });

  test('may take any time with all limits off', async () => {
    await using server = await startServer();
    const off = { totalMs: false, attemptMs: false, connectMs: false, idleMs: false } as const;
    const { client, clock } = openClient({ baseUrl: server.url, timeout: off });
    const call = client.get('/');
    await server.received();
    expect(clock.pending).toBe(0);
    expect(await call).toMatchObject({ status: 200 });
  });
});

describe('a connection that does not come about', () => {
  test('is a TimeoutError, scope connect, resent with any method', async () => {
    await using blackhole = await startBlackhole();
    const { client, clock, events } = openClient({ baseUrl: blackhole.url, retry: { maxAttempts: 2 } });
    const call = rejectionOf(client.post('/'));
    await untilTimers(clock, 3);
    await clock.advance(2000);
    await events.waitFor('retry:scheduled');
    await clock.advance(100);
    await untilTimers(clock, 3);
    await clock.advance(2000);
    expect(await call).toMatchObject({
      scope: 'connect',
      timeoutMs: 2000,
      attempts: [{ code: 'ERR_TIMEOUT' }, { code: 'ERR_TIMEOUT', retry: { refused: 'attempts-spent' } }],
    });
  });

  test('gets no longer than the call has left', async () => {
    await using blackhole = await startBlackhole();
    const { client, clock } = openClient({ baseUrl: blackhole.url });
    const call = rejectionOf(client.get('/', { deadline: clock.now() + 300 }));
    await untilTimers(clock, 2);
    await clock.advance(300);
    expect(await call).toMatchObject({ scope: 'total', timeoutMs: 300 });
  });
});

describe('waiting for a socket', () => {
  test('takes no attempt time, is no verdict on the endpoint, and counts toward the total', async () => {
    await using server = await startServer((_, res) => {
      if (server.requests.length > 1) sendJson(res, 'second');
    });
    const { client, clock } = openClient({
      baseUrl: server.url,
      pool: { maxSockets: 1 },
      retry: false,
      circuitBreaker: { minThroughput: 1, failureRatio: 0.01 },
    });
    const first = rejectionOf(client.get('/first', { timeout: { attemptMs: false } }));
    await server.received();
    const waiting = rejectionOf(client.get('/waiting', { timeout: { totalMs: 20_000 } }));
    await clock.advance(20_000);
    expect(await waiting).toMatchObject({ scope: 'total', timeoutMs: 20_000 });
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
    const next = client.get('/next');
    await clock.advance(9_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await first).toMatchObject({ scope: 'total', timeoutMs: 30_000 });
    expect(await next).toMatchObject({ data: 'second' });
  });
});

describe('an upload', () => {
  test('of a slow source runs no attempt and no total time, which begin at its end', async () => {
    await using server = await startServer(req => {
      req.resume();
    });
    const { client, clock } = openClient({ baseUrl: server.url, retry: false, timeout: { totalMs: 10_000 } });
    const body = new PassThrough();
    const call = rejectionOf(client.post('/', { body }));
    body.write('start');
    const seen = await server.received();
    await clock.advance(60_000);
    body.end('end');
    await seen.whole;
    await untilTimers(clock, 2);
    await clock.advance(7_999);
    expect(server.inFlight).toBe(1);
    await clock.advance(1);
    expect(await call).toMatchObject({ scope: 'attempt', timeoutMs: 8000 });
  });

  test('is ended by a deadline', async () => {
    await using server = await startServer(req => {
      req.on('error', () => {}).resume();
    });
    const { client, clock } = openClient({ baseUrl: server.url });
    const body = new PassThrough();
    const call = rejectionOf(client.post('/', { body, deadline: clock.now() + 60_000 }));
    body.write('start');
    await server.received();
    await clock.advance(60_000);
    expect(await call).toMatchObject({ scope: 'total', timeoutMs: 60_000 });
    expect(body.destroyed).toBe(true);
  });

  test('that breaks off gives its resends the total time again', async () => {
    await using server = await startServer((req, res) => {
      if (server.requests.length > 1) req.resume();
      else req.once('data', () => res.socket?.resetAndDestroy());
    });
    const { client, clock, events } = openClient({ baseUrl: server.url, timeout: { attemptMs: false } });
    const never = () =>
      Readable.from(
        (async function* () {
          yield 'start';
          await new Promise(() => {});
        })(),
      );
    let opened = 0;
    const body = () => (++opened === 1 ? never() : Readable.from(['whole']));
    const call = rejectionOf(client.put('/', { body }));
    await events.waitFor('retry:scheduled');
    await clock.advance(100);
    const second = await server.received(2);
    await second.whole;
    await clock.advance(30_000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
  });
});
