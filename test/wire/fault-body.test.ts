import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { type RawExchange, rawResponse, startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const MIB = 1024 * 1024;
const OK = rawResponse('{"ok":true}');
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** Sends bytes that begin well and end badly. Cut anywhere, they still look like JSON. */
const sendAndEnd = (bytes: string, end: (socket: Socket) => void) => {
  return ({ socket }: RawExchange) => socket.write(bytes, () => setTimeout(end, 10, socket));
};
const close = (socket: Socket) => socket.end();
const reset = (socket: Socket) => socket.resetAndDestroy();
const nothing = () => {};

const BROKEN: [string, (exchange: RawExchange) => unknown][] = [
  ['is shorter than its length', sendAndEnd(`${HEAD}Content-Length: 9\r\n\r\n[1]`, close)],
  ['is reset before its length', sendAndEnd(`${HEAD}Content-Length: 9\r\n\r\n[1]`, reset)],
  ['lacks its last chunk', sendAndEnd(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n`, close)],
  ['is reset between chunks', sendAndEnd(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n`, reset)],
  ['has a bad chunk', sendAndEnd(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\nzz\r\n`, nothing)],
  ['has no length and is reset', sendAndEnd(`${HEAD}Connection: close\r\n\r\n[1]`, reset)],
];
const STALLED = sendAndEnd(`${HEAD}Content-Length: 9\r\n\r\n[1]`, nothing);

describe('a body that', () => {
  test.each(BROKEN)('%s is asked for again, and comes whole', async (_name, broken) => {
    await using server = await startRawServer([broken, broken, OK]);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    expect(await client.get('/x')).toMatchObject({ data: { ok: true } });
    expect(server.requests).toBe(3);
    await leaks.verify();
  });

  test.each(BROKEN)('%s is never an answer, and a POST is sent once', async (_name, broken) => {
    await using server = await startRawServer(broken);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.post('/x', { json: 1 }));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body', gatewayStatus: 502 });
    expect(server.requests).toBe(1);
    await server.drained();
    await leaks.verify();
  });

  test.each(BROKEN)('%s breaks a stream, which is committed and not sent again', async (_name, broken) => {
    await using server = await startRawServer(broken);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const { body, completed } = await client.stream('GET', '/x');
    const error = await rejectionOf(body.toArray());
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body' });
    expect(await rejectionOf(completed)).toBe(error);
    expect(server.requests).toBe(1);
    await server.drained();
    await leaks.verify();
  });

  test('breaks off behind a failing status leaves that status the error', async () => {
    const head = 'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[1]';
    await using server = await startRawServer(sendAndEnd(head, close));
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.post('/x', { json: 1 }));
    expect(error).toMatchObject({ code: 'ERR_STATUS', status: 404, data: undefined });
    expect(server.requests).toBe(1);
    await leaks.verify();
  });

  test('stalls ends at the idle limit; a GET is sent again, a POST is not', async () => {
    await using server = await startRawServer([STALLED, OK, STALLED]);
    await using client = openClient(server, { timeout: { idleMs: 50 } });
    const leaks = await watchLeaks([server]);
    expect(await client.get('/x')).toMatchObject({
      data: { ok: true },
      attempts: [{ code: 'ERR_TIMEOUT' }, {}],
    });
    const error = await rejectionOf(client.post('/x'));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle', timeoutMs: 50, gatewayStatus: 504 });
    expect(server.requests).toBe(3);
    await leaks.verify();
  });

  test('stalls amid a stream breaks it at the idle limit and closes the upstream', async () => {
    await using server = await startRawServer(STALLED);
    await using client = openClient(server, { timeout: { idleMs: 50 } });
    const leaks = await watchLeaks([server]);
    const { body, completed } = await client.stream('GET', '/x');
    const error = await rejectionOf(body.toArray());
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle' });
    expect(await rejectionOf(completed)).toBe(error);
    await server.drained();
    expect(server.requests).toBe(1);
    await leaks.verify();
  });

  test('comes slowly but steadily is ended by the attempt time, which is absolute', async () => {
    await using server = await startServer((_req, res) => {
      const timer = setInterval(() => res.write('x'), 10);
      res.once('close', () => clearInterval(timer));
    });
    await using client = openClient(server, {
      timeout: { attemptMs: 150, idleMs: 5000 },
      retry: { maxAttempts: 2 },
    });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt' });
    expect(server.requests).toHaveLength(2);
    await server.drained();
    await leaks.verify();
  });
});

describe('a body without end', () => {
  /** Writes as fast as it is taken, until the connection is gone. */
  const writeEndlessly = async (res: ServerResponse, onBytes: (count: number) => void = () => {}) => {
    const chunk = Buffer.alloc(64 * 1024, '1');
    const source = new Readable({
      read() {
        onBytes(chunk.length);
        this.push(chunk);
      },
    });
    await pipeline(source, res).catch(() => {});
  };

  test('is refused at the limit: one request, its connection closed', async () => {
    let sent = 0;
    await using server = await startServer((_req, res) => {
      return writeEndlessly(res.writeHead(200, { 'content-type': 'text/plain' }), count => {
        sent += count;
      });
    });
    await using client = openClient(server, { limits: { maxResponseBytes: MIB } });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ code: 'ERR_BODY_TOO_LARGE', limitBytes: MIB, gatewayStatus: 502 });
    await server.drained();
    expect(server.requests).toHaveLength(1);
    // The limit and what sockets hold on the way.
    expect(sent).toBeLessThan(16 * MIB);
    await leaks.verify();
  });

  test('behind a failing status is cut off, and the status is the error', async () => {
    await using server = await startServer((_req, res) =>
      writeEndlessly(res.writeHead(404, { 'content-type': 'text/plain' })),
    );
    await using client = openClient(server, { limits: { maxErrorBodyBytes: 1000 } });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ code: 'ERR_STATUS', status: 404, data: '1'.repeat(1000) });
    const streamed = await rejectionOf(client.stream('GET', '/x'));
    expect(streamed).toMatchObject({ code: 'ERR_STATUS', status: 404, data: '1'.repeat(1000) });
    await server.drained();
    expect(server.requests).toHaveLength(2);
    await leaks.verify();
  });

  const zeros = Buffer.alloc(64 * MIB);
  const gzip = zlib.gzipSync(zeros, { level: 1 });
  const BOMBS: [string, Buffer][] = [
    ['gzip', gzip],
    ['gzip, gzip', zlib.gzipSync(gzip)],
    ['br', zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['zstd', zlib.zstdCompressSync(zeros)],
    ['deflate', zlib.deflateSync(zeros, { level: 1 })],
    ['gzip, br', zlib.brotliCompressSync(gzip, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ];

  test.each(BOMBS)(
    'out of a small one (%s) is refused on decoded bytes, with little memory',
    async (coding, bomb) => {
      await using server = await startServer((_req, res) => {
        res.writeHead(200, { 'content-encoding': coding, 'content-type': 'application/json' }).end(bomb);
      });
      await using client = openClient(server, { limits: { maxResponseBytes: MIB } });
      const leaks = await watchLeaks([server]);
      const before = process.memoryUsage().arrayBuffers;
      const error = await rejectionOf(client.get('/x'));
      expect(error).toMatchObject({ code: 'ERR_BODY_TOO_LARGE', limitBytes: MIB });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * MIB);
      expect(server.requests).toHaveLength(1);
      await leaks.verify();
    },
  );

  test('says nothing about the endpoint: its circuit stays closed', async () => {
    await using server = await startServer((_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(gzip);
    });
    await using client = openClient(server, {
      limits: { maxResponseBytes: 1000 },
      circuitBreaker: { minThroughput: 2, failureRatio: 0.1 },
    });
    for (let count = 0; count < 5; count++) await rejectionOf(client.get('/x'));
    expect(server.requests).toHaveLength(5);
    expect(client.health().endpoints[0]?.circuit).toBe('closed');
  });
});

describe('a stream that nobody reads', () => {
  const EMPTY: [string, string, number, Record<string, string>][] = [
    ['the answer to a HEAD', 'HEAD', 200, { 'content-length': '1000000' }],
    ['a 204', 'GET', 204, {}],
    ['a 304', 'GET', 304, { etag: '"a"' }],
    ['a body of no bytes', 'GET', 200, { 'content-length': '0' }],
  ];

  test.each(EMPTY)(
    'of %s gives its connection and its slot back by itself',
    async (_name, method, status, headers) => {
      await using server = await startServer((_req, res) => {
        res.writeHead(status, headers).end();
      });
      await using client = openClient(server, { bulkhead: { maxConcurrent: 1 } });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 3; count++) {
        const { completed, status: got } = await client.stream(method, '/x');
        expect(got).toBe(status);
        expect(await completed).toMatchObject({ bytes: 0 });
      }
      expect([server.requests.length, server.connections]).toEqual([3, 1]);
      expect(client.health().endpoints[0]?.inFlight).toBe(0);
      await leaks.verify();
    },
  );

  test('but has bytes keeps its slot until it is destroyed', async () => {
    await using server = await startServer((_req, res) => res.end('some'));
    await using client = openClient(server, { bulkhead: { maxConcurrent: 1 } });
    const leaks = await watchLeaks([server]);
    const { body, completed } = await client.stream('GET', '/x');
    expect(await rejectionOf(client.get('/x'))).toMatchObject({ code: 'ERR_OVERLOADED' });
    body.destroy();
    expect(await completed).toMatchObject({ aborted: true });
    expect((await client.get('/x')).status).toBe(200);
    await leaks.verify();
  });
});
