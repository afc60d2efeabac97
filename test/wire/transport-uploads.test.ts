import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/time/cancellation.ts';
import { onUndici } from '../support/chosen-transport.ts';
import { refusedPort, sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { startRawServer } from '../support/raw-server.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

const oneShot = (source: Readable, byteLength?: number) =>
  ({ kind: 'one-shot', source, byteLength }) as const;

/** Never ends, and makes as much as is asked for. */
function endless(): Readable & { made: number } {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const source = Object.assign(
    new Readable({
      read() {
        source.made += chunk.length;
        this.push(chunk);
      },
    }),
    { made: 0 },
  );
  return source;
}

/** Gives `chunks`, then fails with `error`. */
function failing(chunks: string[], error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield* chunks;
      await new Promise(setImmediate);
      throw error;
    })(),
  );
}

describe('a whole upload', () => {
  test.each([undefined, 700_001])('arrives byte by byte (announced: %s)', async byteLength => {
    const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
    const sent = Buffer.concat([...Array(11).fill(bytes), Buffer.alloc(40_001, 7)]);
    const received: Buffer[] = [];
    await using server = await startServer(async (req, res) => {
      for await (const chunk of req) received.push(chunk);
      sendJson(res, {});
    });
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = Readable.from([
      sent.subarray(0, 10),
      sent.subarray(10, 300_000),
      Buffer.alloc(0),
      sent.subarray(300_000),
    ]);
    await textOf(
      await transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source, byteLength) })),
    );
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    await leaks.verify();
  });

  test('of no bytes at all is sent', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    for (const byteLength of [0, undefined]) {
      const body = oneShot(Readable.from([]), byteLength);
      await textOf(await transport.send(requestTo(server.url, { method: 'POST', body })));
    }
    expect(server.requests).toMatchObject([{ body: '' }, { body: '' }]);
  });

  test('of a paused source is sent', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const source = new PassThrough();
    source.pause();
    source.end('abc');
    await textOf(await transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) })));
    expect(server.requests[0]?.body).toBe('abc');
  });

  test('of text in another encoding keeps its bytes', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const source = Readable.from([Buffer.from('grün')], { objectMode: false }).setEncoding('latin1');
    await textOf(await transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) })));
    expect(server.requests[0]?.body).toBe('grün');
  });

  test('tells its start when the connection stands, and its end when the last byte has left', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const told: string[] = [];
    const source = Readable.from(
      (async function* () {
        yield 'abc';
        told.push('last byte');
      })(),
    );
    const request = requestTo(server.url, {
      method: 'POST',
      body: oneShot(source),
      onSocket: () => told.push('socket'),
      onUploadStart: () => told.push('start'),
      onUploadEnd: () => told.push('end'),
    });
    await textOf(await transport.send(request));
    expect(told).toEqual(['socket', 'start', 'last byte', 'end']);
  });

  test('a body in memory is no upload', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const told: string[] = [];
    const request = requestTo(server.url, {
      method: 'POST',
      body: { kind: 'buffered', bytes: 'abc' },
      onUploadStart: () => told.push('start'),
      onUploadEnd: () => told.push('end'),
    });
    await textOf(await transport.send(request));
    expect(told).toEqual([]);
  });

  test('is opened only when the connection stands', async () => {
    await using transport = openTransport();
    let opened = 0;
    const open = () => {
      opened++;
      return Readable.from(['abc']);
    };
    const body = { kind: 'replayable', open, byteLength: undefined } as const;
    const url = `http://127.0.0.1:${await refusedPort()}/`;
    expect(await rejectionOf(transport.send(requestTo(url, { method: 'POST', body })))).toMatchObject({
      phase: 'connect',
    });
    expect(opened).toBe(0);
  });

  // undici sends the head with the first bytes: docs/10-transports.md.
  if (!onUndici) {
    test('shows its head before its first byte', async () => {
      await using server = await startServer();
      await using transport = openTransport();
      const source = new PassThrough();
      const sent = transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) }));
      await server.received();
      source.end('late');
      await textOf(await sent);
      expect(server.requests[0]?.body).toBe('late');
    });
  }
});

describe('an upload of the wrong length', () => {
  test.each([
    ['a byte too long', ['abc', 'd'], 3],
    ['too long in one chunk', ['abcdef'], 3],
    ['too short', ['ab'], 3],
    ['too short for a later chunk', ['ab', 'c'], 300],
    ['longer than nothing', ['a'], 0],
  ])('%s fails, and the server never saw it whole', async (_name, chunks, byteLength) => {
    const seen: { whole: boolean; bytes: number }[] = [];
    await using server = await startServer(req => {
      let bytes = 0;
      req.on('data', chunk => {
        bytes += chunk.length;
      });
      req.on('error', () => {});
      req.on('close', () => seen.push({ whole: req.complete, bytes }));
    });
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = Readable.from(chunks);
    const error = await rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source, byteLength) })),
    );
    expect(error).toMatchObject({ phase: 'request', systemCode: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' });
    await server.drained();
    if (byteLength > 0) for (const { whole } of seen) expect(whole).toBe(false);
    for (const { bytes } of seen) expect(bytes).toBeLessThanOrEqual(byteLength);
    expect(source.destroyed).toBe(true);
    await leaks.verify();
  });
});

describe('a failing source', () => {
  test('is the cause, and the server sees the request broken off', async () => {
    const gone = Promise.withResolvers<boolean>();
    await using server = await startServer(req =>
      req
        .on('error', () => {})
        .on('close', () => gone.resolve(req.complete))
        .resume(),
    );
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const cause = new Error('disk full');
    const error = await rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(failing(['abc'], cause)) })),
    );
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request' });
    expect((error as Error).cause).toBe(cause);
    expect(await gone.promise).toBe(false);
    await leaks.verify();
  });

  test.each<[string, () => Readable, unknown]>([
    ['that ended before', () => Readable.from(['x']).resume(), undefined],
    ['that was destroyed before', () => new PassThrough().destroy(), undefined],
    ['of objects', () => Readable.from([{ a: 1 }]), undefined],
  ])('%s is refused', async (_name, make) => {
    await using server = await startServer();
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = make();
    await new Promise(setImmediate);
    const error = await rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) })),
    );
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request' });
    await leaks.verify();
  });

  test('that closes in the middle breaks the request off', async () => {
    await using server = await startServer(req => req.on('error', () => {}).resume());
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = new PassThrough();
    source.write('abc');
    const sent = rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) })),
    );
    await server.received();
    source.destroy();
    expect(await sent).toMatchObject({ code: 'ERR_NETWORK', phase: 'request' });
    await server.drained();
    await leaks.verify();
  });

  test('that cannot be opened is the cause', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const cause = new Error('no such file');
    const open = () => {
      throw cause;
    };
    const body = { kind: 'replayable', open, byteLength: undefined } as const;
    const error = await rejectionOf(transport.send(requestTo(server.url, { method: 'POST', body })));
    expect(error).toMatchObject({ phase: 'request', cause });
  });

  test('that fails while we connect ends the attempt', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const source = new PassThrough();
    const sent = rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) })),
    );
    const cause = new Error('changed my mind');
    source.destroy(cause);
    expect(await sent).toMatchObject({ phase: 'request', cause });
  });
});

describe('the other side', () => {
  test('taking nothing ends at the idle limit', async () => {
    await using server = await startServer(() => {});
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = endless();
    const error = await rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', idleMs: 100, body: oneShot(source) })),
    );
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle', timeoutMs: 100 });
    expect(source.destroyed).toBe(true);
    server.dropConnections();
    await server.drained();
    await leaks.verify();
  });

  test('a slow source is no silence of the upstream', async () => {
    await using server = await startServer();
    await using transport = openTransport();
    const source = Readable.from(
      (async function* () {
        for (const chunk of ['a', 'b', 'c']) {
          await new Promise(resolve => setTimeout(resolve, 80));
          yield chunk;
        }
      })(),
    );
    await textOf(
      await transport.send(requestTo(server.url, { method: 'POST', idleMs: 40, body: oneShot(source) })),
    );
    expect(server.requests[0]?.body).toBe('abc');
  });

  test('taking one huge chunk little by little is not silent', async () => {
    await using server = await startServer(async (req, res) => {
      for await (const _chunk of req) await new Promise(resolve => setTimeout(resolve, 15));
      sendJson(res, {});
    });
    await using transport = openTransport();
    const source = Readable.from([Buffer.alloc(12 * 1024 * 1024)]);
    await textOf(
      await transport.send(requestTo(server.url, { method: 'POST', idleMs: 1000, body: oneShot(source) })),
    );
    expect(server.requests[0]?.bodyBytes).toBe(12 * 1024 * 1024);
  });

  test('a slow upstream slows the source down', async () => {
    await using server = await startServer(() => {});
    await using transport = openTransport();
    const source = endless();
    const cancellation = new Cancellation();
    const sent = rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source), cancellation })),
    );
    await server.received();
    // Sockets take much before they are full. A source that nothing stops never comes to a stand.
    for (let before = -1; before !== source.made; ) {
      before = source.made;
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    cancellation.cancel('enough');
    expect(await sent).toBe('enough');
    expect(source.destroyed).toBe(true);
  });

  test('answering early is heard, the rest is not sent, and the connection not used again', async () => {
    await using server = await startServer((req, res) => {
      req.pause();
      res.writeHead(413).end('too much');
    });
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = endless();
    const told: string[] = [];
    const reply = await transport.send(
      requestTo(server.url, {
        method: 'POST',
        idleMs: 200,
        body: oneShot(source),
        onUploadStart: () => told.push('start'),
        onUploadEnd: () => told.push('end'),
      }),
    );
    expect(told).toEqual(['start', 'end']);
    expect([reply.status, await textOf(reply)]).toEqual([413, 'too much']);
    expect(source.destroyed).toBe(true);
    await server.drained();
    await leaks.verify();
  });

  test('answering early at length is not cut short by the upload that it leaves lying', async () => {
    await using server = await startServer(async (req, res) => {
      req.resume();
      setTimeout(() => req.pause(), 30);
      for (let count = 0; count < 15; count++) {
        res.write('x');
        await new Promise(resolve => setTimeout(resolve, 40));
      }
      res.end();
    });
    await using transport = openTransport();
    const request = requestTo(server.url, { method: 'POST', idleMs: 200, body: oneShot(endless()) });
    expect(await textOf(await transport.send(request))).toBe('x'.repeat(15));
  });

  test('answering while it reads on gets the rest of the upload', async () => {
    await using server = await startServer((req: IncomingMessage, res: ServerResponse) => {
      res.writeHead(200).flushHeaders();
      req.pipe(res);
    });
    await using transport = openTransport();
    const source = new PassThrough();
    source.write('ec');
    const reply = await transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) }));
    source.end('ho');
    expect(await textOf(reply)).toBe('echo');
    await textOf(
      await transport.send(requestTo(server.url, { method: 'POST', body: oneShot(Readable.from(['x'])) })),
    );
    expect(server.connections).toBe(1);
  });

  test('closing in the middle of an upload broke the request off', async () => {
    await using server = await startRawServer(({ socket }) => setTimeout(() => socket.resetAndDestroy(), 20));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const source = endless();
    const error = await rejectionOf(
      transport.send(requestTo(server.url, { method: 'POST', body: oneShot(source) })),
    );
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'request', neverSent: false });
    expect((error as { sourceFailed?: boolean }).sourceFailed).not.toBe(true);
    expect(source.destroyed).toBe(true);
    await leaks.verify();
  });

  test('refusing the connection ends the source too', async () => {
    await using transport = openTransport();
    const source = endless();
    const url = `http://127.0.0.1:${await refusedPort()}/`;
    const error = await rejectionOf(
      transport.send(requestTo(url, { method: 'POST', body: oneShot(source) })),
    );
    expect(error).toMatchObject({ phase: 'connect', neverSent: true });
    expect([source.destroyed, source.made]).toEqual([true, 0]);
  });
});
