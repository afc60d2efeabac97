import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

const MIB = 1024 * 1024;
const TEXT = Buffer.from('what goes over the wire '.repeat(4000));

const CODERS: [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['br', zlib.brotliCompressSync],
  ['zstd', zlib.zstdCompressSync],
];

function answering(coding: string, bytes: Buffer) {
  return startServer((_req, res) =>
    res.writeHead(200, { 'content-encoding': coding, 'content-length': bytes.length }).end(bytes),
  );
}

/** Writes zeros for as long as somebody takes them; tells how many left. */
function pour(res: ServerResponse, through?: NodeJS.ReadWriteStream): { sent: number } {
  const poured = { sent: 0 };
  const zeros = Buffer.alloc(64 * 1024);
  const source = new Readable({
    read() {
      poured.sent += zeros.length;
      this.push(zeros);
    },
  });
  const done = through ? pipeline(source, through, res) : pipeline(source, res);
  done.catch(() => {});
  return poured;
}

describe('reading whole', () => {
  test('a body within its limit comes whole, at the limit too', async () => {
    await using server = await startServer((_req, res) => res.end('x'.repeat(1000)));
    await using transport = openTransport();
    for (const limit of [1000, 1001, false] as const) {
      const reply = await transport.send(requestTo(server.url));
      expect(await reply.body.bytes(limit, false)).toHaveLength(1000);
    }
    expect(server.connections).toBe(1);
  });

  test('a larger one is refused and its connection closed', async () => {
    await using server = await startServer((_req, res) => void pour(res));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url));
    const error = await rejectionOf(reply.body.bytes(100_000, false));
    expect(error).toMatchObject({ code: 'ERR_BODY_TOO_LARGE', limitBytes: 100_000, endpoint: server.url });
    await server.drained();
    await leaks.verify();
  });

  test('or cut off at the limit', async () => {
    await using server = await startServer((_req, res) => void pour(res));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url));
    expect(await reply.body.bytes(100_000, true)).toHaveLength(100_000);
    await server.drained();
    await leaks.verify();
  });

  test('also when it is one chunk', async () => {
    await using server = await startServer((_req, res) => res.end('x'.repeat(1000)));
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    expect(await reply.body.bytes(100, true)).toHaveLength(100);
  });

  test('silence in the middle ends at the idle limit', async () => {
    await using server = await startServer((_req, res) =>
      res.writeHead(200, { 'content-length': 100 }).write('abc'),
    );
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url, { idleMs: 60 }));
    const error = await rejectionOf(reply.body.bytes(false, false));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle', timeoutMs: 60, ownStall: false });
    await server.drained();
    await leaks.verify();
  });

  test('a slow body that goes on moving does not', async () => {
    await using server = await startServer(async (_req, res) => {
      for (let count = 0; count < 6; count++) {
        res.write('x');
        await new Promise(resolve => setTimeout(resolve, 40));
      }
      res.end();
    });
    await using transport = openTransport();
    expect(await textOf(await transport.send(requestTo(server.url, { idleMs: 120 })))).toBe('xxxxxx');
  });

  test('trailers are there once the body has ended', async () => {
    const release = Promise.withResolvers<void>();
    await using server = await startServer(async (_req, res) => {
      res.writeHead(200, { trailer: 'x-sum' });
      res.write('abc');
      await release.promise;
      res.addTrailers({ 'x-sum': '42' });
      res.end();
    });
    await using transport = openTransport();
    const { body } = await transport.send(requestTo(server.url));
    expect(body.trailers()).toBeUndefined();
    release.resolve();
    await body.bytes(false, false);
    expect(body.trailers()).toEqual({ 'x-sum': '42' });
  });
});

describe('content codings', () => {
  test.each(CODERS)('%s is undone, and the headers tell of the result', async (coding, encode) => {
    await using server = await answering(coding, encode(TEXT));
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    expect(reply.headers).not.toHaveProperty('content-encoding');
    expect(reply.headers).not.toHaveProperty('content-length');
    expect(await textOf(reply)).toBe(TEXT.toString());
    await textOf(await transport.send(requestTo(server.url)));
    expect(server.connections).toBe(1);
  });

  test.each(CODERS)('%s is handed on as it is when asked to', async (coding, encode) => {
    const coded = encode(TEXT);
    await using server = await answering(coding, coded);
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url, { decompress: false }));
    expect(reply.headers).toMatchObject({
      'content-encoding': coding,
      'content-length': String(coded.length),
    });
    expect(Buffer.from(await reply.body.bytes(false, false)).equals(coded)).toBe(true);
  });

  test.each(CODERS)(
    '%s that is cut off is corrupt, though the transfer was whole',
    async (coding, encode) => {
      const coded = encode(TEXT);
      await using server = await answering(coding, coded.subarray(0, coded.length - 5));
      await using transport = openTransport();
      const leaks = await watchLeaks([server]);
      const error = await rejectionOf(transport.send(requestTo(server.url)).then(textOf));
      expect(error).toMatchObject({ code: 'ERR_DECODE', status: 200, endpoint: server.url });
      const reply = await transport.send(requestTo(server.url));
      const ended = Promise.withResolvers<unknown>();
      reply.body.stream(ended.resolve).resume();
      expect(await ended.promise).toMatchObject({ error: { code: 'ERR_DECODE' }, abandoned: false });
      await leaks.verify();
    },
  );

  test.each(CODERS)('%s that is something else is corrupt', async coding => {
    await using server = await answering(coding, Buffer.from('\x08 nothing of the kind'.repeat(10)));
    await using transport = openTransport();
    const error = await rejectionOf(transport.send(requestTo(server.url)).then(textOf));
    expect(error).toMatchObject({ code: 'ERR_DECODE' });
  });

  test('a coded body whose transfer breaks is a broken body, not a corrupt one', async () => {
    const coded = zlib.gzipSync(Buffer.from(crypto.getRandomValues(new Uint8Array(5000))));
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`;
    await using server = await startRawServer(({ socket }) => {
      socket.end(Buffer.concat([Buffer.from(head), coded.subarray(0, 2500)]));
    });
    await using transport = openTransport();
    const error = await rejectionOf(transport.send(requestTo(server.url)).then(textOf));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body' });
  });

  test('deflate without its zlib header is understood', async () => {
    await using server = await answering('deflate', zlib.deflateRawSync(TEXT));
    await using transport = openTransport();
    expect(await textOf(await transport.send(requestTo(server.url)))).toBe(TEXT.toString());
  });

  test('codings on top of each other are undone from the outside in', async () => {
    await using server = await answering(
      'deflate, identity, gzip, br',
      zlib.brotliCompressSync(zlib.gzipSync(zlib.deflateSync(TEXT))),
    );
    await using transport = openTransport();
    expect(await textOf(await transport.send(requestTo(server.url)))).toBe(TEXT.toString());
  });

  test.each(['compress', 'gzip, compress', 'aes128gcm', '__proto__', Array(6).fill('gzip').join(', ')])(
    'a body coded as "%s" is handed on as it is',
    async coding => {
      await using server = await answering(coding, Buffer.from('bytes'));
      await using transport = openTransport();
      const reply = await transport.send(requestTo(server.url));
      expect(reply.headers['content-encoding']).toBe(coding);
      expect(await textOf(reply)).toBe('bytes');
    },
  );

  test.each(['GET', 'HEAD'])(
    'the answer to a %s without a body needs no decoding, whatever its headers say',
    async method => {
      await using server = await startServer((_req, res) =>
        res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 0 }).end(),
      );
      await using transport = openTransport();
      expect(await textOf(await transport.send(requestTo(server.url, { method })))).toBe('');
    },
  );

  test.each([
    ['gzip', () => zlib.createGzip()],
    ['br', () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['zstd', () => zlib.createZstdCompress()],
  ])(
    'an endless %s bomb is stopped at the limit of decoded bytes, in little memory',
    async (coding, encoder) => {
      await using server = await startServer((_req, res) => {
        res.writeHead(200, { 'content-encoding': coding });
        pour(res, encoder());
      });
      await using transport = openTransport();
      const leaks = await watchLeaks([server]);
      const before = process.memoryUsage().rss;
      const reply = await transport.send(requestTo(server.url));
      const error = await rejectionOf(reply.body.bytes(10 * MIB, false));
      expect(error).toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
      await server.drained();
      await leaks.verify();
    },
  );

  test('a bomb in five layers is stopped too', async () => {
    let bomb: Buffer = Buffer.alloc(64 * MIB);
    for (let layer = 0; layer < 5; layer++) bomb = zlib.gzipSync(bomb);
    await using server = await answering('gzip,gzip,gzip,gzip,gzip', bomb);
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    expect(await rejectionOf(reply.body.bytes(MIB, false))).toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
  });
});

describe('streaming', () => {
  test('every byte comes, in order, and the end is told once', async () => {
    const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
    await using server = await startServer((_req, res) => {
      for (let at = 0; at < bytes.length; at += 7000) res.write(bytes.subarray(at, at + 7000));
      res.end();
    });
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    const ends: unknown[] = [];
    const chunks = await reply.body.stream(end => ends.push(end)).toArray();
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await new Promise(setImmediate);
    expect(ends).toEqual([{ bytes: 60_000, abandoned: false }]);
    await textOf(await transport.send(requestTo(server.url)));
    expect(server.connections).toBe(1);
  });

  test('an empty body ends at once', async () => {
    await using server = await startServer((_req, res) => res.writeHead(204).end());
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    const ended = Promise.withResolvers<unknown>();
    reply.body.stream(ended.resolve).resume();
    expect(await ended.promise).toEqual({ bytes: 0, abandoned: false });
  });

  test('a reader that stops reading stops the upstream, and little is held meanwhile', async () => {
    let poured = { sent: 0 };
    await using server = await startServer((_req, res) => {
      poured = pour(res);
    });
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url, { idleMs: 50 }));
    const ended = Promise.withResolvers<unknown>();
    const body = reply.body.stream(ended.resolve);
    body.once('data', () => body.pause());
    await new Promise(resolve => setTimeout(resolve, 200));
    const stoppedAt = poured.sent;
    const held = process.memoryUsage().arrayBuffers;
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(poured.sent).toBe(stoppedAt);
    expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(64 * 1024);
    expect(body.destroyed).toBe(false);
    body.destroy();
    expect(await ended.promise).toMatchObject({ abandoned: true });
    await server.drained();
    await leaks.verify();
  });

  test('a body that nobody reads yet stops the upstream', async () => {
    let poured = { sent: 0 };
    await using server = await startServer((_req, res) => {
      poured = pour(res);
    });
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url));
    await new Promise(resolve => setTimeout(resolve, 200));
    const stoppedAt = poured.sent;
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(poured.sent).toBe(stoppedAt);
    reply.body.discard();
    await server.drained();
  });

  test('one body can be read on from within a chunk of another', async () => {
    await using server = await startServer((_req, res) => void pour(res));
    await using transport = openTransport();
    const [one, two] = await Promise.all([1, 2].map(() => transport.send(requestTo(server.url))));
    const held = two?.body.stream(() => {});
    const flowing = one?.body.stream(() => {});
    let taken = 0;
    await new Promise<void>(resolve => {
      flowing?.on('data', () => {
        taken += held?.read()?.length ?? 0;
        if (taken > 5 * MIB) resolve();
      });
    });
    held?.destroy();
    flowing?.destroy();
    await server.drained();
  });

  test('a reader slower than the idle limit gets it all', async () => {
    await using server = await startServer((_req, res) => res.end(Buffer.alloc(600_000)));
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url, { idleMs: 40 }));
    let bytes = 0;
    for await (const chunk of reply.body.stream(() => {})) {
      bytes += chunk.length;
      await new Promise(resolve => setTimeout(resolve, 60));
    }
    expect(bytes).toBe(600_000);
  });

  test.each([true, false])(
    'silence while the reader waits ends at the idle limit (coded: %s)',
    async coded => {
      await using server = await startServer((_req, res) => {
        if (!coded) return res.write('abc');
        const gzip = zlib.createGzip();
        res.writeHead(200, { 'content-encoding': 'gzip' });
        gzip.pipe(res);
        gzip.write('abc');
        return gzip.flush();
      });
      await using transport = openTransport();
      const leaks = await watchLeaks([server]);
      const reply = await transport.send(requestTo(server.url, { idleMs: 300 }));
      const ended = Promise.withResolvers<unknown>();
      let text = '';
      reply.body.stream(ended.resolve).on('data', chunk => {
        text += chunk;
      });
      expect(await ended.promise).toMatchObject({ bytes: 3, error: { code: 'ERR_TIMEOUT', scope: 'idle' } });
      expect(text).toBe('abc');
      await server.drained();
      await leaks.verify();
    },
  );

  test('a decoder that swallows much before it gives something is no silence', async () => {
    const coded = zlib.gzipSync(Buffer.from('x'.repeat(100)));
    await using server = await startServer(async (_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' });
      for (const byte of coded.subarray(0, 8)) {
        res.write(Buffer.of(byte));
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      res.end(coded.subarray(8));
    });
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url, { idleMs: 250 }));
    expect(await reply.body.stream(() => {}).toArray()).toHaveLength(1);
  });

  test('a destroyed body closes its connection, with and without an error of the reader', async () => {
    await using server = await startServer((_req, res) => void pour(res));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    for (const error of [undefined, new Error('the reader failed')]) {
      const reply = await transport.send(requestTo(server.url));
      const ended = Promise.withResolvers<object>();
      const body = reply.body.stream(ended.resolve);
      body.once('data', () => body.destroy(error));
      const end = await ended.promise;
      expect(end).toMatchObject({ abandoned: true });
      expect(end).not.toHaveProperty('error');
    }
    await server.drained();
    await leaks.verify();
  });

  test('a body that nobody listens to does not end the process when it breaks', async () => {
    await using server = await startRawServer('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url, { idleMs: 20 }));
    const ended = Promise.withResolvers<object>();
    reply.body.stream(ended.resolve).resume();
    expect(await ended.promise).toMatchObject({ error: { scope: 'idle' } });
    await leaks.verify();
  });
});

describe('discarding', () => {
  test('a small body is read off, so that its connection can be used again', async () => {
    await using server = await startServer((_req, res) => res.writeHead(503).end('x'.repeat(10_000)));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    for (let count = 0; count < 5; count++) {
      const reply = await transport.send(requestTo(server.url));
      reply.body.discard();
      await server.idle();
      await new Promise(setImmediate);
    }
    expect(server.connections).toBe(1);
    await leaks.verify();
  });

  test.each([
    ['announced as large', (res: ServerResponse) => res.writeHead(200, { 'content-length': MIB }).write('x')],
    ['without end', (res: ServerResponse) => void pour(res)],
    ['that stalls', (res: ServerResponse) => res.writeHead(200, { 'content-length': 100 }).write('x')],
  ])('a body %s is dropped with its connection', async (_name, answer) => {
    await using server = await startServer((_req, res) => answer(res));
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url));
    reply.body.discard();
    await server.drained();
    await leaks.verify();
  });

  test('without a clock that moves, the bytes alone end an endless body, and a small one leaves no timer', async () => {
    await using server = await startServer((req, res) =>
      req.url === '/small' ? res.end('x') : void pour(res),
    );
    const clock = new ManualClock();
    await using transport = openTransport({ clock });
    (await transport.send(requestTo(server.url))).body.discard();
    await server.received();
    await server.drained();
    (await transport.send(requestTo(`${server.url}/small`))).body.discard();
    await server.idle();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect([clock.pending, server.sockets]).toEqual([0, 1]);
  });

  test('a body that has broken already needs nothing more', async () => {
    await using server = await startRawServer(({ socket }) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
    );
    await using transport = openTransport();
    const leaks = await watchLeaks([server]);
    const reply = await transport.send(requestTo(server.url));
    await server.drained();
    reply.body.discard();
    await leaks.verify();
  });

  test('the answer to a HEAD gives its connection back, however large it says the body is', async () => {
    await using server = await startRawServer([
      `HTTP/1.1 200 OK\r\nContent-Length: ${MIB}\r\n\r\n`,
      rawResponse('two'),
    ]);
    await using transport = openTransport();
    (await transport.send(requestTo(server.url, { method: 'HEAD' }))).body.discard();
    await new Promise(resolve => setTimeout(resolve, 20));
    await textOf(await transport.send(requestTo(server.url)));
    expect(server.connections).toBe(1);
  });
});
