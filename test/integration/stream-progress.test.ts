import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startDripping } from './dripping-server.ts';
import { openClient } from './test-client.ts';

test('the progress of a body is told as it arrives, every 100 ms at most', async () => {
  await using upstream = await startDripping();
  const { client, clock, events } = openClient({ baseUrl: upstream.url });
  await clock.advance(1000);
  const { body } = await client.stream('GET', '/{id}', { params: { id: 1 }, tags: { tier: 'free' } });
  const arrives = async (bytes: number, afterMs: number) => {
    await clock.advance(afterMs);
    const arrived = once(body, 'data');
    upstream.response.write('x'.repeat(bytes));
    await arrived;
  };
  await arrives(10, 99);
  expect(events.of('stream:progress')).toEqual([]);
  await arrives(20, 1);
  await arrives(30, 99);
  await arrives(40, 301);
  expect(events.of('stream:progress')).toMatchObject([
    { bytes: 30, durationMs: 100, bytesPerSecond: 300 },
    { bytes: 100, durationMs: 500, bytesPerSecond: 200 },
  ]);
  expect(events.of('stream:progress')[0]).toMatchObject({
    service: 'users',
    at: expect.any(Number),
    callId: expect.any(String),
    method: 'GET',
    route: '/{id}',
    context: {},
    tags: { tier: 'free' },
    attempt: 1,
    endpoint: upstream.url,
  });
  // What tells of it holds no timer: nothing comes of time alone.
  await clock.advance(1000);
  expect(events.of('stream:progress')).toHaveLength(2);
  upstream.response.end();
  await once(body, 'end');
});

test('a resumed body goes on where it was, at its new endpoint', async () => {
  const reply = { etag: '"v1"', 'content-length': 10 };
  await using one = await startServer((_req, res) => {
    res.writeHead(200, reply).write('hello', () => res.destroy());
  });
  let sendRest = () => {};
  await using two = await startServer((_req, res) => {
    res.writeHead(206, { ...reply, 'content-length': 5, 'content-range': 'bytes 5-9/10' }).flushHeaders();
    sendRest = () => res.end('world');
  });
  const { client, clock, events } = openClient({
    baseUrl: undefined,
    endpoints: [one.url, two.url],
    loadBalancing: { strategy: 'round-robin' },
    retry: { backoff: { baseDelayMs: 0 } },
  });
  const { body } = await client.stream('GET', '/', { resume: true });
  const content = body.toArray();
  await two.received();
  await events.waitFor('attempt:end', 2);
  await clock.advance(200);
  sendRest();
  expect(String(Buffer.concat(await content))).toBe('helloworld');
  expect(events.of('stream:progress')).toMatchObject([
    { bytes: 10, attempt: 2, endpoint: two.url, bytesPerSecond: 50 },
  ]);
});

/** A client that nobody listens to. */
function quietClient(baseUrl: string) {
  const clock = new ManualClock();
  return { clock, client: new ServiceClient({ name: 'users', baseUrl, clock }) };
}

test('whoever listens from the middle on hears the rest, and by its channel too', async () => {
  await using upstream = await startDripping();
  const { client, clock } = quietClient(upstream.url);
  const { body } = await client.stream('GET', '/');
  const arrives = async () => {
    await clock.advance(100);
    const arrived = once(body, 'data');
    upstream.response.write('x'.repeat(10));
    await arrived;
  };
  await arrives();
  const told: number[] = [];
  const onProgress = (event: unknown) => told.push((event as { bytes: number }).bytes);
  channel('holdfast:stream:progress').subscribe(onProgress);
  await arrives();
  channel('holdfast:stream:progress').unsubscribe(onProgress);
  await arrives();
  expect(told).toEqual([20]);
  upstream.response.end();
  await once(body, 'end');
});

test('while nobody listens the time is not even looked at', async () => {
  await using upstream = await startDripping();
  const { client, clock } = quietClient(upstream.url);
  // Of the idle limit the time is a concern.
  const { body } = await client.stream('GET', '/', { timeout: { idleMs: false } });
  let looks = 0;
  const { monotonic } = clock;
  clock.monotonic = () => {
    looks++;
    return monotonic.call(clock);
  };
  for (let count = 0; count < 10; count++) {
    const arrived = once(body, 'data');
    upstream.response.write('x');
    await arrived;
  }
  expect(looks).toBe(0);
  upstream.response.end();
  await once(body, 'end');
});
