import { describe, expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { startServer, type TestServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { RawClient } from '../support/raw-client.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { type ClientSettings, openClient } from './open-client.ts';
import { type RangeAnswer, startRangeServer, testContent } from './range-server.ts';

const content = testContent(100_000);
const HALF = 50_000;
const LONG_PAUSE = { backoff: { baseDelayMs: 60_000, maxDelayMs: 60_000, jitter: 'none' } } as const;

/** Where a resume can be when it is ended. */
const MOMENTS: [string, RangeAnswer, ClientSettings][] = [
  ['in the pause before a resume', {}, { retry: LONG_PAUSE }],
  ['while a resume waits for its head', { silent: true }, {}],
  ['amid a resumed part', { cutAfter: 100, stall: true }, {}],
];

interface Resuming {
  readonly server: TestServer;
  readonly client: ServiceClient;
  readonly events: EventRecorder;
  /** Resolves when the resume is there. */
  readonly reached: () => Promise<unknown>;
}

async function inResume(
  answer: RangeAnswer,
  settings: ClientSettings,
  use: (at: Resuming) => Promise<unknown>,
) {
  await using server = await startRangeServer(content, [{ cutAfter: HALF }, answer]);
  const leaks = await watchLeaks([server]);
  await using client = openClient(server, { bulkhead: { maxConcurrent: 1, maxQueued: 0 }, ...settings });
  const events = EventRecorder.of(client);
  const paused = settings.retry !== undefined;
  const reached = () => (paused ? events.waitFor('retry:scheduled') : server.received(2));
  await use({ server, client, events, reached });
  // Every attempt that began has ended, and no other begins.
  expect(events.of('attempt:end')).toHaveLength(events.of('attempt:start').length);
  expect(events.names.at(-1)).toBe('stream:end');
  expect(client.health().endpoints.map(({ inFlight }) => inFlight)).toEqual([0]);
  expect(server.requests).toHaveLength(paused ? 1 : 2);
  await client.close({ graceMs: 0 });
  await leaks.verify();
}

describe.each(MOMENTS)('%s', (_name, answer, settings) => {
  test('an abort breaks the body with its reason', () =>
    inResume(answer, settings, async ({ client, events, reached }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const { body, completed } = await client.stream('GET', '/', { resume: true, signal });
      const content = rejectionOf(body.toArray());
      await reached();
      const reason = new Error('enough');
      const before = performance.now();
      controller.abort(reason);
      expect(await content).toBe(reason);
      expect(performance.now() - before).toBeLessThan(500);
      expect(await rejectionOf(completed)).toBe(reason);
      expect(events.of('stream:end')).toMatchObject([{ outcome: 'aborted' }]);
    }));

  test('a reader that leaves ends the resume too', () =>
    inResume(answer, settings, async ({ client, server, events, reached }) => {
      const { body, completed } = await client.stream('GET', '/', { resume: true });
      body.resume();
      await reached();
      body.destroy();
      expect(await completed).toMatchObject({ aborted: true });
      expect(events.of('stream:end')).toMatchObject([{ outcome: 'aborted' }]);
      await server.idle();
    }));

  test('close() breaks the body once its grace is over', () =>
    inResume(answer, settings, async ({ client, reached }) => {
      const { body } = await client.stream('GET', '/', { resume: true });
      const content = rejectionOf(body.toArray());
      await reached();
      await client.close({ graceMs: 20 });
      expect(await content).toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
    }));

  test('a client of a passthrough that leaves ends the resume too', () =>
    inResume(answer, settings, async ({ client, server, reached }) => {
      const result = Promise.withResolvers<{ error?: unknown }>();
      await using gateway = await startServer(async (req, res) => {
        result.resolve(await client.passthrough(req, res, { resume: true }));
      });
      await using raw = new RawClient(gateway.port);
      raw.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await raw.until(content.toString('latin1', HALF - 100, HALF));
      await reached();
      const before = performance.now();
      raw.socket.destroy();
      await server.idle();
      expect((await result.promise).error).toMatchObject({ message: 'the client disconnected' });
      expect(performance.now() - before).toBeLessThan(1000);
    }));
});

test('a resume within the grace of close() is let finish', async () => {
  await using server = await startRangeServer(content, [{ cutAfter: HALF }]);
  await using client = openClient(server, {
    retry: { backoff: { baseDelayMs: 100, maxDelayMs: 100, jitter: 'none' } },
  });
  const { body } = await client.stream('GET', '/', { resume: true });
  const read = body.toArray();
  const closed = client.close({ graceMs: 5000 });
  expect(Buffer.concat(await read).equals(content)).toBe(true);
  await closed;
});

test('a body that nobody reads yet is given up like any other', async () => {
  await using server = await startRangeServer(content, [{ cutAfter: HALF, stall: true }]);
  await using client = openClient(server);
  const { body, completed } = await client.stream('GET', '/', { resume: true });
  body.destroy(new Error('disk full'));
  expect(await completed).toMatchObject({ bytes: 0, aborted: true, resumes: 0 });
  await server.idle();
});

test('a resumed body that breaks for good fails its reader once', async () => {
  await using server = await startRangeServer(content, [{ cutAfter: HALF }, { headers: { etag: '"v2"' } }]);
  await using client = openClient(server);
  const { body, completed } = await client.stream('GET', '/', { resume: true });
  const errors: unknown[] = [];
  body.on('error', error => errors.push(error));
  body.resume();
  await new Promise(resolve => body.on('close', resolve));
  expect(errors).toEqual([await rejectionOf(completed)]);
});
