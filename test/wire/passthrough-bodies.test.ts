import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { CallInterceptor } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { RawClient, sendRaw } from '../support/raw-client.ts';
import { type RawExchange, startRawServer } from '../support/raw-server.ts';
import { ask, startGateway, writeUntilFull } from './passthrough-gateway.ts';

const MIB = 1024 * 1024;
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const GET_AND_CLOSE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** Answers before the upload is over, and reads on. */
const TOO_LARGE = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n\r\ntoo large';

describe('a response', () => {
  test('arrives byte for byte, with its length', async () => {
    const bytes = randomBytes(3 * MIB);
    await using upstream = await startServer((_req, res) =>
      res.writeHead(206, { 'content-length': bytes.length }).end(bytes),
    );
    await using gateway = await startGateway(upstream.url);
    const { status, headers, body } = await ask(gateway.port);
    expect([status, headers['content-length']]).toEqual([206, `${bytes.length}`]);
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(body.equals(bytes)).toBe(true);
    expect(await gateway.result()).toEqual({
      status: 206,
      bytesSent: bytes.length,
      durationMs: expect.any(Number),
      bytesPerSecond: expect.any(Number),
      endpoint: upstream.url,
      attempts: [expect.objectContaining({ number: 1, endpoint: upstream.url, status: 206 })],
      resumes: 0,
    });
  });

  test('stays compressed, also for a client that asked for nothing', async () => {
    const bytes = gzipSync('hello'.repeat(1000));
    await using upstream = await startServer((_req, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    );
    await using gateway = await startGateway(upstream.url);
    const { headers, body } = await ask(gateway.port);
    expect(headers['content-encoding']).toBe('gzip');
    expect(body.equals(bytes)).toBe(true);
  });

  test('of a range keeps what describes it', async () => {
    const head = { 'content-range': 'bytes 0-4/10', 'accept-ranges': 'bytes', 'content-length': '5' };
    await using upstream = await startServer((_req, res) => res.writeHead(206, head).end('hello'));
    await using gateway = await startGateway(upstream.url);
    const { status, headers } = await ask(gateway.port, { headers: { range: 'bytes=0-4' } });
    expect(upstream.requests[0]?.headers.range).toBe('bytes=0-4');
    expect(status).toBe(206);
    expect(headers).toMatchObject(head);
  });

  test('to HEAD has the length and no body', async () => {
    await using upstream = await startServer((_req, res) =>
      res.writeHead(200, { 'content-length': 1234 }).end(),
    );
    await using gateway = await startGateway(upstream.url);
    const { text } = await sendRaw(gateway.port, 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^content-length: 1234\r$/im);
    expect(text).toMatch(/\r\n\r\n$/);
    expect(await gateway.result()).toMatchObject({ status: 200, bytesSent: 0 });
  });

  test.each([
    [204, {}],
    [304, { etag: '"x"' }],
    [304, { 'content-length': '1234' }],
  ])('%d has no body and leaves the connection usable (%o)', async (status, headers) => {
    await using upstream = await startServer((_req, res) => res.writeHead(status, headers).end());
    await using gateway = await startGateway(upstream.url);
    const { text } = await sendRaw(gateway.port, GET + GET_AND_CLOSE);
    const parts = text.split('\r\n\r\n');
    expect(parts.length).toBe(3);
    for (const head of parts.slice(0, 2)) expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).not.toMatch(/transfer-encoding/i);
    for (const [name, value] of Object.entries(headers)) expect(text).toContain(`${name}: ${value}`);
  });

  test('204 loses a length that it must not have', async () => {
    await using upstream = await startRawServer('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n');
    await using gateway = await startGateway(upstream.url);
    expect((await sendRaw(gateway.port, GET_AND_CLOSE)).text).not.toMatch(/content-length/i);
  });

  test('to HTTP/1.0 ends with the connection, without chunks', async () => {
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200, { trailer: 'x-sum' });
      res.write('hello');
      res.addTrailers({ 'x-sum': '5' });
      res.end();
    });
    await using gateway = await startGateway(upstream.url);
    const { text, end } = await sendRaw(gateway.port, 'GET / HTTP/1.0\r\n\r\n');
    expect(text).not.toMatch(/transfer-encoding|trailer|x-sum/i);
    expect(text).toMatch(/\r\n\r\nhello$/);
    expect(end).toBe('end');
  });

  test('head goes out at once, also when the body takes its time', async () => {
    const body = Promise.withResolvers<void>();
    await using upstream = await startServer(async (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      await body.promise;
      res.end('data: 1\n\n');
    });
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(GET_AND_CLOSE);
    await client.until('text/event-stream');
    body.resolve();
    await client.until('data: 1');
  });

  test.each([404, 409, 500, 503])('%d passes through as it is', async status => {
    await using upstream = await startServer((_req, res) =>
      res.writeHead(status, { 'x-in': '1' }).end('upstream text'),
    );
    await using gateway = await startGateway(upstream.url);
    const answer = await ask(gateway.port);
    expect([answer.status, answer.headers['x-in'], `${answer.body}`]).toEqual([status, '1', 'upstream text']);
    expect((await gateway.result()).error).toBe(undefined);
  });

  test('a redirect is handed back', async () => {
    await using upstream = await startServer((_req, res) => res.writeHead(302, { location: '/b' }).end());
    await using gateway = await startGateway(upstream.url, { client: { redirect: 'same-origin' } });
    const { status, headers } = await ask(gateway.port, { path: '/a' });
    expect([status, headers.location, upstream.requests.length]).toEqual([302, '/b', 1]);
  });
});

describe('trailers', () => {
  test('are passed on though an interceptor copied the response', async () => {
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200, { trailer: 'x-sum' });
      res.write('hello');
      res.addTrailers({ 'x-sum': '5' });
      res.end();
    });
    const copying: CallInterceptor = async (request, next) => ({ ...(await next(request)) });
    await using gateway = await startGateway(upstream.url, { client: { interceptors: { call: [copying] } } });
    expect((await ask(gateway.port)).trailers).toEqual({ 'x-sum': '5' });
  });

  test('come after the body, without those that mean something only before it', async () => {
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200, { trailer: 'x-sum, Set-Cookie' });
      res.write('hello');
      res.addTrailers({ 'x-sum': '5', 'set-cookie': 'a=1', 'content-type': 'x' });
      res.end();
    });
    await using gateway = await startGateway(upstream.url);
    const { headers, trailers } = await ask(gateway.port);
    expect(headers.trailer).toBe('x-sum');
    expect(trailers).toEqual({ 'x-sum': '5' });
  });

  test('need no announcement', async () => {
    await using upstream = await startServer((_req, res) => {
      res.write('hello');
      res.addTrailers({ 'x-sum': '5' });
      res.end();
    });
    await using gateway = await startGateway(upstream.url);
    expect((await ask(gateway.port)).trailers).toEqual({ 'x-sum': '5' });
  });

  test('to HEAD are not announced', async () => {
    await using upstream = await startRawServer(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n',
    );
    await using gateway = await startGateway(upstream.url);
    const { status, headers } = await ask(gateway.port, { method: 'HEAD' });
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('trailer');
  });
});

describe('backpressure', () => {
  test('of a client that does not read holds the upstream back', async () => {
    const written = Promise.withResolvers<number>();
    await using upstream = await startServer(async (_req, res) => {
      res.writeHead(200);
      written.resolve(await writeUntilFull(res));
    });
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.socket.pause();
    client.send(GET);
    // What the kernel holds for two connections, not what was written in that time.
    expect(await written.promise).toBeLessThan(64 * MIB);
  });

  test('and the whole body arrives once the client reads', async () => {
    const bytes = randomBytes(24 * MIB);
    await using upstream = await startServer((_req, res) => {
      Readable.from([bytes.subarray(0, 12 * MIB), bytes.subarray(12 * MIB)]).pipe(res);
    });
    await using gateway = await startGateway(upstream.url);
    const req = request({ port: gateway.port, host: '127.0.0.1', agent: false });
    req.end();
    const chunks: Buffer[] = [];
    const message = await new Promise<Readable>(resolve => req.on('response', resolve));
    for await (const chunk of message) {
      chunks.push(chunk);
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('of an upstream that does not read holds the client back', async () => {
    await using upstream = await startRawServer(({ socket }: RawExchange) => socket.pause());
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nx');
    await upstream.received();
    const bytes = await writeUntilFull(client.socket);
    expect(bytes).toBeLessThan(64 * MIB);
    await client.destroy();
  });
});

describe('an upload', () => {
  test('arrives byte for byte', async () => {
    const bytes = randomBytes(3 * MIB);
    let received: Buffer | undefined;
    await using upstream = await startServer(async (req, res) => {
      received = Buffer.concat(await req.toArray());
      res.end();
    });
    await using gateway = await startGateway(upstream.url);
    expect((await ask(gateway.port, { method: 'PUT', body: bytes })).status).toBe(200);
    expect(received?.equals(bytes)).toBe(true);
  });

  test.each([
    ['GET', 'Content-Length: 5\r\n', 'hello', '5'],
    ['GET', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n', undefined],
    ['HEAD', 'Content-Length: 5\r\n', 'hello', '5'],
    ['HEAD', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n', undefined],
    ['DELETE', 'Content-Length: 5\r\n', 'hello', '5'],
    ['OPTIONS', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n', undefined],
  ])('goes with a %s too, framed as it came (%s)', async (method, framing, body, length) => {
    await using upstream = await startServer((req, res) => {
      req.resume().once('end', () => res.writeHead(200, { 'content-length': 2 }).end('ok'));
    });
    await using gateway = await startGateway(upstream.url);
    for (const _ of [1, 2]) {
      const head = `${method} / HTTP/1.1\r\nHost: a\r\n${framing}Connection: close\r\n\r\n`;
      const { text } = await sendRaw(gateway.port, head + body);
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
      expect(text.endsWith(method === 'HEAD' ? '\r\n\r\n' : '\r\n\r\nok')).toBe(true);
    }
    expect(upstream.requests).toMatchObject([
      { method, body: 'hello' },
      { method, body: 'hello' },
    ]);
    expect(upstream.requests[0]?.headers['content-length']).toBe(length);
    expect(upstream.connections).toBe(1);
  });

  test('and its response flow at the same time', async () => {
    await using upstream = await startServer((req, res) => {
      res.writeHead(200).flushHeaders();
      req.pipe(res);
    });
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none \r\n');
    await client.until('one ');
    client.send('3\r\ntwo\r\n0\r\n\r\n');
    await client.until(/two\r\n0\r\n\r\n$/);
    expect(await gateway.result()).toMatchObject({ status: 200, bytesSent: 7 });
  });

  test('refused early is answered at once, and the client stops', async () => {
    await using upstream = await startRawServer(TOO_LARGE);
    await using gateway = await startGateway(upstream.url);
    const agent = new Agent({ keepAlive: true });
    const req = request({ port: gateway.port, host: '127.0.0.1', agent, method: 'POST' });
    const source = new Readable({ read: () => source.push(Buffer.alloc(64 * 1024)) });
    req.on('error', () => {});
    source.on('error', () => {});
    source.pipe(req);
    const message = await new Promise<Readable & { statusCode?: number; headers?: object }>(resolve =>
      req.on('response', resolve),
    );
    expect(message.statusCode).toBe(413);
    expect(message.headers).toMatchObject({ connection: 'close' });
    expect(Buffer.concat(await message.toArray()).toString()).toBe('too large');
    source.destroy();
    agent.destroy();
    const { status, error } = await gateway.result();
    expect([status, error]).toEqual([413, undefined]);
  });

  test('refused early reaches also a client that reads nothing before it has sent all', async () => {
    await using upstream = await startRawServer(TOO_LARGE);
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.socket.pause();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${3 * MIB}\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      client.socket.write(Buffer.alloc(3 * MIB), error => (error ? reject(error) : resolve()));
    });
    client.socket.resume();
    expect(await client.until('too large')).toMatch(/^HTTP\/1\.1 413 /);
    expect(await client.ended).toBe('end');
  });

  test('refused early that never ends does not hold the connection for ever', async () => {
    await using upstream = await startRawServer(TOO_LARGE);
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx');
    await client.until('too large');
    await client.ended;
    expect(await gateway.result()).toMatchObject({ status: 413 });
  });

  test('that nobody wanted leaves the connection usable', async () => {
    await using upstream = await startServer((_req, res) => res.writeHead(403).end('no'));
    await using gateway = await startGateway(upstream.url);
    const body = 'x'.repeat(200_000);
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    await using client = new RawClient(gateway.port);
    client.send(post);
    await gateway.server.received();
    client.send(body + GET_AND_CLOSE);
    // Either the connection goes on, or it was announced that it would not.
    await client.ended;
    expect(client.text).toMatch(/^HTTP\/1\.1 403 /);
    if (!/connection: close/i.test(client.text.split('\r\n\r\n')[0] ?? '')) {
      expect(client.text.match(/HTTP\/1\.1 403/g)?.length).toBe(2);
    }
  });
});

describe('a body that breaks', () => {
  const half = (framing: string, rest: string) => `HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${rest}`;
  const later = (bytes: string, end: (socket: Socket) => void) => {
    return ({ socket }: RawExchange) => socket.write(bytes, () => end(socket));
  };

  test.each([
    ['with a length, by a reset', half('Content-Length: 10', 'hello'), (s: Socket) => s.resetAndDestroy()],
    ['with a length, by an end', half('Content-Length: 10', 'hello'), (s: Socket) => s.end()],
    [
      'in chunks, by a reset',
      half('Transfer-Encoding: chunked', '5\r\nhello\r\n'),
      (s: Socket) => s.resetAndDestroy(),
    ],
    ['in chunks, by an end', half('Transfer-Encoding: chunked', '5\r\nhello\r\n'), (s: Socket) => s.end()],
    [
      'in chunks, by a broken one',
      half('Transfer-Encoding: chunked', '5\r\nhello\r\n'),
      (s: Socket) => s.write('zz\r\n'),
    ],
  ])('%s never looks whole to the client', async (_name, bytes, end) => {
    const broken = Promise.withResolvers<void>();
    await using upstream = await startRawServer(
      later(bytes, socket => void broken.promise.then(() => end(socket))),
    );
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(GET);
    await client.until('hello');
    broken.resolve();
    await client.ended;
    expect(client.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.text).not.toMatch(/0\r\n\r\n$/);
    const { status, error, bytesSent } = await gateway.result();
    expect(status).toBe(200);
    expect(bytesSent).toBe(5);
    expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'body' });
  });

  test('is broken off by a reset where only the end of the connection ends it', async () => {
    await using upstream = await startRawServer(
      later(half('Transfer-Encoding: chunked', '5\r\nhello\r\n'), socket => socket.resetAndDestroy()),
    );
    await using gateway = await startGateway(upstream.url);
    const { end } = await sendRaw(gateway.port, 'GET / HTTP/1.0\r\n\r\n');
    expect(end).toBe('reset');
  });

  test('by a stall is broken off after the idle time', async () => {
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200, { 'content-length': 10 });
      res.write('hello');
    });
    await using gateway = await startGateway(upstream.url, { client: { timeout: { idleMs: 200 } } });
    await using client = new RawClient(gateway.port);
    client.send(GET);
    await client.ended;
    expect(client.text).toMatch(/hello$/);
    expect((await gateway.result()).error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle' });
  });
});
