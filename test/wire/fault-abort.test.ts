import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const silent = () => startRawServer(() => {});

/** A call that is under way when its signal fires: what it rejected with, and whether it did so before anything else happened. */
async function abortNow(call: Promise<unknown>, controller: AbortController, reason: unknown) {
  let settled = false;
  const rejection = rejectionOf(call).finally(() => {
    settled = true;
  });
  controller.abort(reason);
  await new Promise(resolve => setImmediate(resolve));
  const atOnce = settled;
  return { atOnce, reason: await rejection };
}

describe('an abort', () => {
  test('before the call sends nothing', async () => {
    await using server = await startServer();
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const reason = new Error('not any more');
    const signal = AbortSignal.abort(reason);
    for (const call of [client.get('/x', { signal }), client.stream('GET', '/x', { signal })]) {
      expect(await rejectionOf(call)).toBe(reason);
    }
    const body = Readable.from(['never read']);
    expect(await rejectionOf(client.post('/x', { signal, body }))).toBe(reason);
    expect([server.connections, body.destroyed]).toEqual([0, true]);
    await leaks.verify([signal]);
  });

  test('during an attempt rejects at once, and the server sees the connection close', async () => {
    await using server = await silent();
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const call = client.get('/x', { signal: controller.signal });
    await server.received();
    const reason = { any: 'value' };
    expect(await abortNow(call, controller, reason)).toEqual({ atOnce: true, reason });
    await server.drained();
    expect(server.requests).toBe(1);
    await leaks.verify([controller.signal]);
  });

  test.each([
    ['an Error that is frozen', Object.freeze(new Error('frozen'))],
    ['a text', 'gone'],
    ['null', null],
    ['0', 0],
    ['an error of another client', Object.assign(new Error('x'), { code: 'ERR_STATUS', status: 404 })],
  ])('with %s as its reason rejects with just that', async (_name, reason) => {
    await using server = await startRawServer([rawResponse('{}', 'HTTP/1.1 503 No'), () => {}]);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const call = client.get('/x', { signal: controller.signal, fallback: 'unused' });
    await server.received(2);
    const result = await abortNow(call, controller, reason);
    expect(result).toEqual({ atOnce: true, reason });
    expect(result.reason).toBe(reason);
    await leaks.verify([controller.signal]);
  });

  test('without a reason rejects with an AbortError', async () => {
    await using server = await silent();
    await using client = openClient(server);
    const controller = new AbortController();
    const call = client.safe.get('/x', { signal: controller.signal });
    await server.received();
    controller.abort();
    const result = await call;
    expect(result).toMatchObject({ ok: false, status: 499, attempts: [{ outcome: 'aborted' }] });
    expect(result).toMatchObject({ error: controller.signal.reason });
    expect(controller.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  test('of AbortSignal.timeout is an abort, not a timeout of ours', async () => {
    await using server = await silent();
    await using client = openClient(server);
    const signal = AbortSignal.timeout(150);
    const error = await rejectionOf(client.get('/x', { signal }));
    expect(error).toBe(signal.reason);
    expect(server.requests).toBe(1);
  });

  test('during backoff ends the wait, and nothing more is sent', async () => {
    await using server = await startServer((_req, res) => sendJson(res, {}, 503));
    await using client = openClient(server, {
      retry: { backoff: { baseDelayMs: 60, maxDelayMs: 60, jitter: 'none' } },
    });
    const leaks = await watchLeaks([server]);
    const events = EventRecorder.of(client);
    const controller = new AbortController();
    const call = client.get('/x', { signal: controller.signal });
    await events.waitFor('retry:scheduled');
    expect(await abortNow(call, controller, 'enough')).toEqual({ atOnce: true, reason: 'enough' });
    await new Promise(resolve => setTimeout(resolve, 80));
    expect(server.requests).toHaveLength(1);
    await leaks.verify([controller.signal]);
  });

  test('amid a body rejects, and the connection is closed', async () => {
    await using server = await startRawServer(({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
    );
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const events = EventRecorder.of(client);
    const buffered = client.get('/x', { signal: controller.signal });
    const { body, completed } = await client.stream('GET', '/x', { signal: controller.signal });
    const read = rejectionOf(body.toArray());
    expect(await abortNow(buffered, controller, 'left')).toEqual({ atOnce: true, reason: 'left' });
    expect([await read, await rejectionOf(completed)]).toEqual(['left', 'left']);
    await server.drained();
    expect(events.of('stream:end')).toMatchObject([{ outcome: 'aborted' }]);
    await leaks.verify([controller.signal]);
  });

  test('amid an upload destroys its source', async () => {
    await using server = await silent();
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const body = new Readable({ read() {} });
    body.push('first');
    const call = client.post('/x', { signal: controller.signal, body });
    await server.received();
    expect(await abortNow(call, controller, 'left')).toEqual({ atOnce: true, reason: 'left' });
    expect(body.destroyed).toBe(true);
    await server.drained();
    await leaks.verify([controller.signal]);
  });

  test('in the queue gives the place up', async () => {
    let free = () => {};
    await using server = await startServer((_req, res) => {
      free = () => sendJson(res, {});
    });
    await using client = openClient(server, { bulkhead: { maxConcurrent: 1, maxQueued: 1 } });
    const leaks = await watchLeaks([server]);
    const first = client.get('/first');
    await server.received();
    const controller = new AbortController();
    const queued = client.get('/queued', { signal: controller.signal });
    expect(await abortNow(queued, controller, 'left')).toEqual({ atOnce: true, reason: 'left' });
    const next = client.get('/next');
    free();
    await first;
    await server.received(2);
    free();
    await next;
    expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/next']);
    await leaks.verify([controller.signal]);
  });

  test('while waiting for a socket sends nothing and leaves the pool usable', async () => {
    let free = () => {};
    await using server = await startServer((_req, res) => {
      free = () => sendJson(res, {});
    });
    await using client = openClient(server, { pool: { maxSockets: 1 } });
    const leaks = await watchLeaks([server]);
    const first = client.get('/first');
    await server.received();
    const controller = new AbortController();
    const waiting = client.get('/waiting', { signal: controller.signal });
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(await abortNow(waiting, controller, 'left')).toEqual({ atOnce: true, reason: 'left' });
    free();
    await first;
    const next = client.get('/next');
    await server.received(2);
    free();
    await next;
    expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/next']);
    await leaks.verify([controller.signal]);
  });

  test('after the call changes nothing', async () => {
    await using server = await startServer();
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const { signal } = controller;
    await client.get('/x', { signal });
    const { body, completed } = await client.stream('GET', '/x', { signal });
    await body.toArray();
    await completed;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    controller.abort();
    expect((await client.get('/x')).status).toBe(200);
    expect([server.requests.length, server.connections]).toEqual([3, 1]);
    await leaks.verify([signal]);
  });

  test('of one signal ends all calls that share it, without a warning about listeners', async () => {
    await using server = await silent();
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const controller = new AbortController();
    const calls = Array.from({ length: 200 }, () =>
      rejectionOf(client.get('/x', { signal: controller.signal })),
    );
    await server.received(200);
    controller.abort('all');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['all']));
    await server.drained();
    await leaks.verify([controller.signal]);
  });

  test('says nothing about the endpoint', async () => {
    await using server = await silent();
    await using client = openClient(server, { circuitBreaker: { minThroughput: 2, failureRatio: 0.01 } });
    for (let count = 1; count <= 5; count++) {
      const controller = new AbortController();
      const call = rejectionOf(client.get('/x', { signal: controller.signal }));
      await server.received(count);
      controller.abort('left');
      await call;
    }
    expect(client.health()).toMatchObject({
      endpoints: [{ circuit: 'closed', inFlight: 0, status: 'unknown' }],
    });
  });
});

const CALLS = 2000;
const LANES = 24;
/** On a machine that is busy with others nothing here may depend on how fast it is. */
const NO_LIMITS = { totalMs: false, attemptMs: false, connectMs: false } as const;

test('thousands of aborts at random times leave nothing behind', async () => {
  const random = seededRandom(7);
  await using server = await startServer((_req, res, seen) => {
    const fails = seen.url.endsWith('f');
    setTimeout(() => sendJson(res, { padding: 'x'.repeat(20_000) }, fails ? 503 : 200), random() * 6);
  });
  await using client = openClient(server, {
    bulkhead: { maxConcurrent: LANES - 10, maxQueued: 10 },
    pool: { maxSockets: LANES - 14 },
    circuitBreaker: false,
    timeout: NO_LIMITS,
    retry: { backoff: { baseDelayMs: 2, maxDelayMs: 4 } },
  });
  const leaks = await watchLeaks([server]);
  const tally = { answered: 0, aborted: 0, failed: 0, late: 0, wrong: [] as unknown[] };
  const signals: AbortSignal[] = [];
  let count = 0;
  const lane = async () => {
    while (count++ < CALLS) await callAndAbort(client, random, tally, signals);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(tally.wrong).toEqual([]);
  expect(tally.answered + tally.aborted + tally.failed).toBe(CALLS);
  // Else the test would prove little.
  expect(Math.min(tally.answered, tally.aborted)).toBeGreaterThan(CALLS / 20);
  expect(tally.late).toBeLessThan(CALLS / 50);
  expect(client.health()).toMatchObject({ endpoints: [{ inFlight: 0 }] });
  await server.idle();
  // Every slot of bulkhead and pool came back.
  const all = await Promise.all(Array.from({ length: LANES }, () => client.get('/ok')));
  expect(all.filter(({ ok }) => ok)).toHaveLength(LANES);
  await leaks.verify(signals);
}, 120_000);

interface Tally {
  answered: number;
  aborted: number;
  failed: number;
  late: number;
  wrong: unknown[];
}

async function callAndAbort(
  client: ServiceClient,
  random: () => number,
  tally: Tally,
  signals: AbortSignal[],
) {
  const controller = new AbortController();
  const { signal } = controller;
  signals.push(signal);
  const reason = new Error('left');
  let abortedAt = Number.POSITIVE_INFINITY;
  const abort = () => {
    abortedAt = performance.now();
    controller.abort(reason);
  };
  // Every third one is left alone.
  const timer = random() < 0.67 ? setTimeout(abort, random() * 16) : undefined;
  const path = random() < 0.3 ? '/f' : '/ok';
  try {
    if (random() < 0.3) await (await client.stream('GET', path, { signal })).body.toArray();
    else await client.get(path, { signal });
    tally.answered++;
  } catch (error) {
    if (error === reason) tally.aborted++;
    else if ((error as { code?: string }).code === 'ERR_STATUS') tally.failed++;
    else tally.wrong.push(error);
    if (performance.now() - abortedAt > 20) tally.late++;
  } finally {
    clearTimeout(timer);
  }
}
