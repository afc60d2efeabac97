import { describe, expect, test } from 'vitest';
import { ClientClosedError, ServiceClient } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { startDripping } from './dripping-server.ts';

/** A client of a server, under a clock that stands still. */
function openClient(baseUrl: string) {
  const clock = new ManualClock();
  return { clock, client: new ServiceClient({ name: 'users', baseUrl, clock, retry: false }) };
}

describe('close()', () => {
  test('refuses new calls of every kind with ClientClosedError', async () => {
    await using server = await startServer();
    const { client } = openClient(server.url);
    await client.close();
    const refused = { code: 'ERR_CLIENT_CLOSED', service: 'users', gatewayStatus: 503, attempts: [] };
    expect(await rejectionOf(client.get('/'))).toBeInstanceOf(ClientClosedError);
    expect(await rejectionOf(client.stream('GET', '/'))).toMatchObject(refused);
    expect(await rejectionOf(client.fetch('/'))).toMatchObject(refused);
    expect(await client.safe.get('/')).toMatchObject({ ok: false, status: 503, error: refused });
    expect(server.requests).toEqual([]);
  });

  test('refuses even what is wrong, before looking at it', async () => {
    const { client } = openClient('http://127.0.0.1:1');
    await client.close();
    expect(await rejectionOf(client.get('//evil', null as never))).toBeInstanceOf(ClientClosedError);
  });

  test('lets calls in flight finish', async () => {
    const gate = Promise.withResolvers<void>();
    await using server = await startServer(async (_, res) => {
      await gate.promise;
      res.end('done');
    });
    const { client } = openClient(server.url);
    const calls = Array.from({ length: 5 }, () => client.get('/'));
    await server.received(5);
    const closing = client.close();
    expect(await rejectionOf(client.get('/'))).toBeInstanceOf(ClientClosedError);
    gate.resolve();
    for (const response of await Promise.all(calls)) expect(response.status).toBe(200);
    await closing;
  });

  test('lets streams finish', async () => {
    await using upstream = await startDripping();
    const { client } = openClient(upstream.url);
    const { body } = await client.stream('GET', '/');
    let closed = false;
    const closing = client.close().then(() => {
      closed = true;
    });
    upstream.response.write('half ');
    await settlePromises();
    expect(closed).toBe(false);
    upstream.response.end('and half');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('half and half');
    await closing;
  });

  test('aborts calls with ClientClosedError when the grace is over, each with its own log', async () => {
    await using server = await startServer(() => {});
    const { client, clock } = openClient(server.url);
    const calls = [rejectionOf(client.get('/')), rejectionOf(client.get('/'))];
    await server.received(2);
    const closing = client.close({ graceMs: 500 });
    await clock.advance(499);
    await server.received(2);
    await clock.advance(1);
    const [first, second] = await Promise.all(calls);
    for (const error of [first, second]) {
      expect(error).toBeInstanceOf(ClientClosedError);
      expect(error).toMatchObject({ attempts: [{ number: 1, outcome: 'aborted', durationMs: 500 }] });
    }
    expect(first).not.toBe(second);
    await closing;
    await server.drained();
  });

  test('breaks streams then, read or not', async () => {
    await using upstream = await startDripping();
    const { client, clock } = openClient(upstream.url);
    const read = await client.stream('GET', '/');
    const unread = await client.stream('GET', '/');
    const content = rejectionOf(read.body.toArray());
    const closing = client.close({ graceMs: 100 });
    await clock.advance(100);
    expect(await content).toBeInstanceOf(ClientClosedError);
    expect(await rejectionOf(unread.completed)).toBeInstanceOf(ClientClosedError);
    await closing;
    await upstream.server.drained();
  });

  test('ends the waits of calls that are queued or in backoff', async () => {
    await using server = await startServer((_, res) => res.writeHead(503).end());
    const clock = new ManualClock();
    const client = new ServiceClient({
      name: 'users',
      baseUrl: server.url,
      clock,
      bulkhead: { maxConcurrent: 1, maxQueued: 1 },
      retry: { backoff: { baseDelayMs: 5000, jitter: 'none' } },
    });
    const scheduled = new Promise(resolve => client.on('retry:scheduled', resolve));
    const calls = [rejectionOf(client.get('/')), rejectionOf(client.get('/'))];
    await scheduled;
    const closing = client.close({ graceMs: 10 });
    await clock.advance(10);
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ClientClosedError);
    await closing;
    expect(clock.pending).toBe(0);
  });

  test('waits 10 s unless told otherwise', async () => {
    await using server = await startServer(() => {});
    const { client, clock } = openClient(server.url);
    let ended = false;
    const call = rejectionOf(client.get('/', { timeout: { attemptMs: false } })).finally(() => {
      ended = true;
    });
    await server.received();
    const closing = client.close();
    await clock.advance(9_999);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await call).toBeInstanceOf(ClientClosedError);
    await closing;
  });

  test('closes at once when nothing is in flight, and as often as it is called', async () => {
    const { client } = openClient('http://127.0.0.1:1');
    await Promise.all([client.close(), client.close({ graceMs: 1 })]);
    await client.close();
  });

  test('is what await using does', async () => {
    await using server = await startServer();
    const { client } = openClient(server.url);
    {
      await using scoped = client;
      await scoped.get('/');
    }
    expect(await rejectionOf(client.get('/'))).toBeInstanceOf(ClientClosedError);
  });

  test('stops probes and leaves no timer and no socket', async () => {
    await using server = await startServer();
    const leaks = await watchLeaks([server]);
    const client = new ServiceClient({ name: 'users', baseUrl: server.url, probe: { intervalMs: 1000 } });
    await server.received();
    await Promise.all([client.get('/'), client.get('/')]);
    await client.close();
    await server.drained();
    await leaks.verify();
  });
});

test('an interceptor’s own stream is broken too when the grace is over', async () => {
  const clock = new ManualClock();
  const client = new ServiceClient({
    name: 'users',
    baseUrl: 'http://127.0.0.1:1',
    clock,
    interceptors: { attempt: [async () => ({ status: 200, headers: {}, bytes: new Uint8Array(10) })] },
  });
  const { completed } = await client.stream('GET', '/');
  const closing = client.close({ graceMs: 1 });
  await clock.advance(1);
  expect(await rejectionOf(completed)).toBeInstanceOf(ClientClosedError);
  await closing;
});

test('a reply that an interceptor left behind holds no connection', async () => {
  const gate = Promise.withResolvers<void>();
  await using server = await startServer(async (req, res) => {
    if (req.url === '/late') await gate.promise;
    res.end('answer');
  });
  const late = Promise.withResolvers<unknown>();
  const client = new ServiceClient({
    name: 'users',
    baseUrl: server.url,
    interceptors: {
      attempt: [
        (request, next) => next({ ...request, url: `${request.url}late` }).catch(() => next(request)),
        async (request, next) => {
          const reply = next(request);
          if (!request.url.endsWith('/late')) return reply;
          reply.then(late.resolve, late.reject);
          await server.received();
          throw new Error('not waiting for that');
        },
      ],
    },
  });
  const { body } = await client.stream('GET', '/');
  await body.toArray();
  gate.resolve();
  await late.promise;
  await client.close();
  await server.drained();
});
