import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const TOUCHY = { minThroughput: 1, failureRatio: 0.01 };
const OWN = new Error('the disk is gone');

/** Gives a few bytes, then fails. */
async function* failing() {
  yield Buffer.from('first');
  await new Promise(resolve => setTimeout(resolve, 10));
  throw OWN;
}

const endless = () =>
  new Readable({
    read() {
      this.push(Buffer.alloc(64 * 1024));
    },
  });

describe('an upload', () => {
  test('whose source fails is broken off, not sent again, and no verdict on the endpoint', async () => {
    await using server = await startServer((req, res) => {
      req.resume();
      req.once('end', () => sendJson(res, {}));
    });
    await using client = openClient(server, { circuitBreaker: TOUCHY });
    const leaks = await watchLeaks([server]);
    for (const body of [failing(), () => Readable.from(failing())]) {
      const error = await rejectionOf(client.put('/x', { body }));
      expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request', attempts: [{}] });
      expect((error as Error).cause).toBe(OWN);
    }
    await server.received(2);
    expect(server.requests).toHaveLength(2);
    // The server saw no end of them.
    expect(await Promise.all(server.requests.map(({ whole }) => whole))).toEqual([undefined, undefined]);
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed', inFlight: 0 }] });
    await server.drained();
    await leaks.verify();
  });

  test.each([
    ['shorter', 9],
    ['longer', 3],
  ])('%s than it says is broken off and not sent again', async (_name, bodyBytes) => {
    await using server = await startServer((req, res) => {
      req.resume();
      req.once('end', () => sendJson(res, {}));
    });
    await using client = openClient(server, { circuitBreaker: TOUCHY });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(
      client.put('/x', { body: Readable.from([Buffer.from('12345')]), bodyBytes }),
    );
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request', attempts: [{}] });
    await server.drained();
    expect(server.requests.map(({ body }) => body).filter(Boolean)).toEqual([]);
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed' }] });
    await leaks.verify();
  });

  test.each([413, 401, 503])(
    'refused early with %d fails with that status, after one request',
    async status => {
      await using server = await startServer((_req, res) => sendJson(res, { message: 'no' }, status));
      await using client = openClient(server);
      const leaks = await watchLeaks([server]);
      const body = endless();
      const error = await rejectionOf(client.put('/x', { body }));
      expect(error).toMatchObject({ code: 'ERR_STATUS', status, data: { message: 'no' } });
      expect([server.requests.length, body.destroyed]).toEqual([1, true]);
      await server.drained();
      await leaks.verify();
    },
  );

  test('that can be opened again is sent whole each time', async () => {
    let count = 0;
    await using server = await startServer(async (req, res, seen) => {
      req.resume();
      await seen.whole;
      sendJson(res, {}, ++count < 3 ? 503 : 200);
    });
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    await client.put('/x', { body: () => Readable.from([Buffer.from('one'), Buffer.from('two')]) });
    expect(server.requests.map(({ body }) => body)).toEqual(['onetwo', 'onetwo', 'onetwo']);
    await leaks.verify();
  });

  test('that nobody takes ends at the idle limit, also where it may take as long as it likes', async () => {
    await using server = await startRawServer(({ socket }) => socket.pause());
    await using client = openClient(server, {
      timeout: { idleMs: 60, totalMs: false, attemptMs: false },
      retry: false,
    });
    const leaks = await watchLeaks([server]);
    const body = endless();
    expect(await rejectionOf(client.put('/x', { body }))).toMatchObject({
      code: 'ERR_TIMEOUT',
      scope: 'idle',
    });
    expect(body.destroyed).toBe(true);
    await leaks.verify();
  });

  test('of a slow source is not ended by attempt or total time, but by a deadline', async () => {
    await using server = await startServer(async (req, res, seen) => {
      req.resume();
      sendJson(res, { bytes: (await seen.whole)?.length });
    });
    await using client = openClient(server, { timeout: { attemptMs: 100, totalMs: 100 } });
    const leaks = await watchLeaks([server]);
    const slow = (pieces: number) => {
      return Readable.from(
        (async function* () {
          for (let piece = 0; piece < pieces; piece++) {
            await new Promise(resolve => setTimeout(resolve, 20));
            yield Buffer.from('x');
          }
        })(),
      );
    };
    expect(await client.put('/x', { body: slow(12) })).toMatchObject({ data: { bytes: 12 } });
    const error = await rejectionOf(client.put('/x', { body: slow(100), deadline: Date.now() + 150 }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
    await server.drained();
    await leaks.verify();
  });
});
