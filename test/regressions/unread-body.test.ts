import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { ServiceClient, type StreamOptions, type StreamResponse } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';

// A body that had arrived whole, but that its reader had not taken yet, was out of reach: neither an abort nor the end of
// a close's grace ended it, so it held its slot, and close() itself, for as long as its reader hesitated.

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A stream whose last byte is here, with a reader that takes none of them. */
async function openUnread(options: StreamOptions) {
  const server = await startServer((_, res) => {
    res.writeHead(200, { 'content-length': 5, etag: '"v1"' }).end('hello');
  });
  const clock = new ManualClock();
  const bulkhead = { maxConcurrent: 1, maxQueued: 0 };
  const client = new ServiceClient({ name: 'users', baseUrl: server.url, clock, bulkhead });
  cleanUps.push(
    () => client.close({ graceMs: 0 }),
    () => server.close(),
  );
  const response = await client.stream('GET', '/', options);
  const { body } = response;
  body.on('readable', () => {});
  while (body.readableLength < 5) await once(body, 'readable');
  return { client, clock, response, body };
}

function endOf({ body, completed }: StreamResponse): Promise<[unknown, unknown]> {
  return Promise.all([once(body, 'error').then(([error]) => error), rejectionOf(completed)]);
}

describe.each([
  ['plain', {}],
  ['resumable', { resume: true }],
])('a body that has arrived and is not read, %s', (_, options) => {
  test('ends with an abort, and frees its slot', async () => {
    const { signal, abort } = abortable();
    const { client, response } = await openUnread({ ...options, signal });
    const ended = endOf(response);
    const reason = new Error('no longer wanted');
    abort(reason);
    expect(await ended).toEqual([reason, reason]);
    expect(client.health().endpoints).toMatchObject([{ inFlight: 0 }]);
    await expect(client.get('/')).resolves.toMatchObject({ status: 200 });
  });

  test('ends with the grace of a close', async () => {
    const { client, clock, response } = await openUnread(options);
    const ended = endOf(response);
    const closing = client.close({ graceMs: 100 });
    await clock.advance(100);
    await closing;
    const closed = expect.objectContaining({ code: 'ERR_CLIENT_CLOSED' });
    expect(await ended).toEqual([closed, closed]);
  });

  test('destroyed by its reader is no failure still', async () => {
    const { response, body } = await openUnread(options);
    body.destroy();
    expect(await response.completed).toMatchObject({ aborted: true });
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}
