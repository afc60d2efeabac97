import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { EventRecorder } from '../support/event-recorder.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const CALLS = 200;
const STREAMS = 20;
const PIECES = 8;
const PIECE = Buffer.alloc(10_000, 'x');

/** Streams go on in pieces, calls are held, until they are let go. */
async function startHolding() {
  const held: ServerResponse[] = [];
  const go = Promise.withResolvers<void>();
  const server = await startServer(async (_req, res, seen) => {
    if (seen.url !== '/stream') {
      held.push(res);
      return;
    }
    res.write(PIECE);
    await go.promise;
    for (let piece = 1; piece < PIECES; piece++) {
      await new Promise(resolve => setTimeout(resolve, 5));
      res.write(PIECE);
    }
    res.end();
  });
  const answerCalls = () => {
    for (const [index, res] of held.entries()) setTimeout(() => sendJson(res, { index }), index % 50);
  };
  return { server, answerCalls, endStreams: go.resolve };
}

describe('close()', () => {
  test('loses none of 200 calls and 20 streams in flight', async () => {
    const { server, answerCalls, endStreams } = await startHolding();
    await using _server = server;
    const client = openClient(server);
    const leaks = await watchLeaks([server]);
    const calls = Array.from({ length: CALLS }, () => client.get('/call'));
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => client.stream('GET', '/stream')));
    await server.received(CALLS + STREAMS);
    let closed = false;
    const closing = client.close({ graceMs: 15_000 }).then(() => {
      closed = true;
    });
    expect(await rejectionOf(client.get('/late'))).toMatchObject({
      code: 'ERR_CLIENT_CLOSED',
      gatewayStatus: 503,
    });
    expect(await rejectionOf(client.stream('GET', '/late'))).toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
    answerCalls();
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(closed).toBe(false);
    endStreams();
    const lengths = await Promise.all(
      streams.map(async ({ body }) => Buffer.concat(await body.toArray()).length),
    );
    expect(lengths).toEqual(Array.from({ length: STREAMS }, () => PIECES * PIECE.length));
    await closing;
    expect(server.requests).toHaveLength(CALLS + STREAMS);
    await server.drained();
    await leaks.verify();
  });

  test('lets a call in backoff make its next attempt', async () => {
    let count = 0;
    await using server = await startServer((_req, res) => sendJson(res, {}, ++count === 1 ? 503 : 200));
    const client = openClient(server, {
      retry: { backoff: { baseDelayMs: 50, maxDelayMs: 50, jitter: 'none' } },
    });
    const leaks = await watchLeaks([server]);
    const events = EventRecorder.of(client);
    const call = client.get('/x');
    await events.waitFor('retry:scheduled');
    const closing = client.close();
    expect((await call).status).toBe(200);
    await closing;
    expect(server.requests).toHaveLength(2);
    await leaks.verify();
  });

  test('ends what is left when the grace is over: attempts, waits, queues, streams', async () => {
    await using server = await startRawServer(({ socket, head }) => {
      if (head.startsWith('GET /stream')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      else if (head.startsWith('GET /busy'))
        socket.write('HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n');
    });
    const client = openClient(server, { bulkhead: { maxConcurrent: 3, maxQueued: 2 } });
    const leaks = await watchLeaks([server]);
    const events = EventRecorder.of(client);
    const { body, completed } = await client.stream('GET', '/stream');
    const busy = rejectionOf(client.get('/busy'));
    const silent = rejectionOf(client.get('/silent'));
    const queued = rejectionOf(client.get('/queued'));
    await events.waitFor('retry:scheduled');
    await server.received(3);
    const read = rejectionOf(body.toArray());
    await client.close({ graceMs: 30 });
    const errors = await Promise.all([busy, silent, queued, read, rejectionOf(completed)]);
    expect(errors.map(error => (error as { code: string }).code)).toEqual(
      errors.map(() => 'ERR_CLIENT_CLOSED'),
    );
    await server.drained();
    expect(server.requests).toBe(3);
    await leaks.verify();
  });

  test('ends a call whose hook never comes back', async () => {
    await using server = await startServer();
    const never = () => new Promise<never>(() => {});
    for (const settings of [
      { auth: never },
      { interceptors: { call: [never] } },
      { interceptors: { attempt: [never] } },
    ]) {
      const client = openClient(server, settings);
      const leaks = await watchLeaks([server]);
      const call = rejectionOf(client.get('/x'));
      await client.close({ graceMs: 10 });
      expect(await call).toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
      await leaks.verify();
    }
    expect(server.requests).toHaveLength(0);
  });

  test('is the same promise twice, and drops idle connections at once', async () => {
    await using server = await startServer();
    const client = openClient(server, { pool: { idleTimeoutMs: 600_000 } });
    const leaks = await watchLeaks([server]);
    await client.get('/x');
    expect(server.sockets).toBe(1);
    expect(client.close()).toBe(client.close({ graceMs: 1 }));
    await client.close();
    await server.drained();
    await leaks.verify();
  });

  test('comes at the end of an await using block', async () => {
    await using server = await startServer();
    let left: ReturnType<typeof openClient>;
    {
      await using client = openClient(server);
      left = client;
      await client.get('/x');
    }
    await server.drained();
    expect(await rejectionOf(left.get('/x'))).toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
    expect(server.requests).toHaveLength(1);
  });

  test('stops probes', async () => {
    await using server = await startServer();
    const client = openClient(server, { probe: { path: '/health', intervalMs: 10, timeoutMs: 1000 } });
    const leaks = await watchLeaks([server]);
    await server.received(2);
    await client.close();
    const { length } = server.requests;
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(server.requests).toHaveLength(length);
    await server.drained();
    await leaks.verify();
  });
});
