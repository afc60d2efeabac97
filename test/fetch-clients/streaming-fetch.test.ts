import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { openClient } from '../wire/open-client.ts';
import { eventsOf } from './event-stream.ts';

const IDLE_MS = 600;
const MIB = 1024 * 1024;

const beginEvents = (res: ServerResponse) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
};

describe('server-sent events', () => {
  test('arrive one by one', async () => {
    const answer = Promise.withResolvers<ServerResponse>();
    await using upstream = await startServer((_req, res) => {
      beginEvents(res);
      answer.resolve(res);
    });
    await using client = openClient(upstream);
    const response = await client.fetch('/events', { headers: { accept: 'text/event-stream' } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(upstream.requests[0]?.headers.accept).toBe('text/event-stream');
    const events = eventsOf(response);
    const res = await answer.promise;
    for (let id = 1; id <= 10; id++) {
      res.write(`id: ${id}\ndata: hello\n\n`);
      expect((await events.next()).value).toBe(`id: ${id}\ndata: hello`);
    }
    res.end();
    expect((await events.next()).done).toBe(true);
  });

  test('go on for longer than any limit but the idle one', async () => {
    await using upstream = await startServer(async (_req, res) => {
      beginEvents(res);
      for (let id = 1; id <= 8; id++) {
        await sleep(IDLE_MS / 3);
        res.write(`id: ${id}\n\n`);
      }
      res.end();
    });
    const timeout = { totalMs: IDLE_MS, attemptMs: IDLE_MS, idleMs: IDLE_MS };
    await using client = openClient(upstream, { timeout });
    let count = 0;
    for await (const event of eventsOf(await client.fetch('/events'))) expect(event).toBe(`id: ${++count}`);
    expect(count).toBe(8);
  });

  test('that stop coming are told from a slow day by the idle limit', async () => {
    await using upstream = await startServer((_req, res) => {
      beginEvents(res);
      res.write('id: 1\n\n');
    });
    await using client = openClient(upstream, { timeout: { idleMs: IDLE_MS } });
    const events = eventsOf(await client.fetch('/events'));
    expect((await events.next()).value).toBe('id: 1');
    const startedAt = performance.now();
    await expect(events.next()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle' });
    expect(performance.now() - startedAt).toBeGreaterThan(IDLE_MS * 0.7);
    await upstream.drained();
  });

  test('may be far between where the idle limit is off', async () => {
    await using upstream = await startServer(async (_req, res) => {
      beginEvents(res);
      await sleep(IDLE_MS);
      res.end('id: 1\n\n');
    });
    await using client = openClient(upstream, { timeout: { idleMs: false, attemptMs: 100, totalMs: 100 } });
    expect((await eventsOf(await client.fetch('/events')).next()).value).toBe('id: 1');
  });

  test('end at the service when the reader breaks off', async () => {
    await using upstream = await startServer((_req, res) => {
      beginEvents(res);
      res.write('id: 1\n\nid: 2\n\n');
    });
    await using client = openClient(upstream);
    const leaks = await watchLeaks([upstream]);
    for await (const event of eventsOf(await client.fetch('/events'))) {
      expect(event).toBe('id: 1');
      break;
    }
    await upstream.drained();
    await leaks.verify();
  });
});

describe('the body of a response', () => {
  test('is read by for await, whole', async () => {
    const bytes = randomBytes(4 * MIB);
    await using upstream = await startServer((_req, res) => res.end(bytes));
    await using client = openClient(upstream);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await client.fetch('/')).body ?? []) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('waits for a slow reader, however long', async () => {
    const bytes = randomBytes(16 * MIB);
    await using upstream = await startServer((_req, res) => res.end(bytes));
    await using client = openClient(upstream, { timeout: { idleMs: IDLE_MS } });
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await client.fetch('/')).body ?? []) {
      if (chunks.length === 1 || chunks.length === 5) await sleep(IDLE_MS * 2);
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('is cut off by the signal of a Request that nobody holds any longer', async () => {
    await using upstream = await startServer((_req, res) => res.writeHead(200).write('hello'));
    await using client = openClient(upstream);
    const controller = new AbortController();
    const open = async () => client.fetch(new Request('http://users/', { signal: controller.signal }));
    const reader = (await open()).body?.getReader();
    await reader?.read();
    await collectGarbage();
    controller.abort(new Error('enough'));
    await expect(reader?.read()).rejects.toThrow('enough');
    await upstream.drained();
  });
});

describe('an upload with duplex: "half"', () => {
  test('is sent as it is made, and no faster', async () => {
    const arrived: string[] = [];
    let onChunk = () => {};
    await using upstream = await startServer(async (req, res) => {
      for await (const chunk of req) {
        arrived.push(String(chunk));
        onChunk();
      }
      res.end('thanks');
    });
    await using client = openClient(upstream);
    async function* parts() {
      for (const part of ['one', 'two', 'three']) {
        const seen = new Promise<void>(resolve => {
          onChunk = resolve;
        });
        yield Buffer.from(part);
        await seen;
      }
    }
    const body = ReadableStream.from(parts());
    const response = await client.fetch('/', { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect([await response.text(), arrived]).toEqual(['thanks', ['one', 'two', 'three']]);
    expect(upstream.requests[0]?.headers['transfer-encoding']).toBe('chunked');
  });

  test('of a Request is sent whole', async () => {
    const bytes = randomBytes(4 * MIB);
    let received: Buffer | undefined;
    await using upstream = await startServer(async (req, res) => {
      received = Buffer.concat(await req.toArray());
      res.end();
    });
    await using client = openClient(upstream);
    const body = ReadableStream.from([bytes.subarray(0, MIB), bytes.subarray(MIB)]);
    const init = { method: 'PUT', body, duplex: 'half' } as RequestInit;
    await client.fetch(new Request('http://users/', init));
    expect(received?.equals(bytes)).toBe(true);
  });

  test.each(['in init', 'in a Request'])(
    'that is aborted stops its source %s, and shows the service a broken one',
    async where => {
      await using upstream = await startServer(() => {});
      await using client = openClient(upstream);
      const leaks = await watchLeaks([upstream]);
      const cancelled = Promise.withResolvers<unknown>();
      const body = new ReadableStream({
        start: source => source.enqueue(Buffer.from('hello')),
        cancel: cancelled.resolve,
      });
      const controller = new AbortController();
      const { signal } = controller;
      const init = { method: 'POST', body, duplex: 'half', signal } as RequestInit;
      const call =
        where === 'in init' ? client.fetch('/', init) : client.fetch(new Request('http://users/', init));
      const outcome = expect(call).rejects.toThrow('enough');
      const seen = await upstream.received();
      controller.abort(new Error('enough'));
      await outcome;
      await cancelled.promise;
      expect(await seen.whole).toBe(undefined);
      await upstream.drained();
      await leaks.verify();
    },
  );
});

/** Some turns of the event loop: what a finished call held on to is let go of by and by. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let round = 0; round < 5; round++) {
    await new Promise(resolve => setImmediate(resolve));
    collect();
  }
}
