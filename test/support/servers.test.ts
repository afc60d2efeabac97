import { request } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { startBlackhole } from './blackhole.ts';
import { ca, clientOne, serverPair } from './certificates.ts';
import { refusedPort, startServer } from './http-server.ts';
import { RawClient, sendRaw } from './raw-client.ts';
import { rawResponse, startRawServer } from './raw-server.ts';

test('the server keeps what was on the wire, also when its handler never reads the body', async () => {
  await using server = await startServer((_req, res) => res.end('early'));
  const result = await sendRaw(
    server.port,
    'POST /a/../b?q=%20 HTTP/1.1\r\nHost: x\r\nX-Odd: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  );
  expect(result.end).toBe('end');
  expect(result.text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*early/);
  const [seen] = server.requests;
  expect(await seen?.whole).toBe('hello');
  expect(seen).toMatchObject({
    method: 'POST',
    url: '/a/../b?q=%20',
    body: 'hello',
    bodyBytes: 5,
    connection: 1,
  });
  expect(seen?.rawHeaders.slice(2, 4)).toEqual(['X-Odd', '1']);
});

test('a body that nobody reads is held back, not swallowed', async () => {
  await using server = await startServer(() => {});
  const upload = request(server.url, { method: 'PUT' }).on('error', () => {});
  const chunk = Buffer.alloc(64 * 1024);
  while (upload.write(chunk)) {
    // Until the client is told to wait.
  }
  const seen = await server.received();
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(seen.bodyBytes).toBeLessThan(256 * 1024);
  server.dropConnections();
  expect(await seen.whole).toBeUndefined();
  expect(await seen.answered).toEqual({ complete: false });
});

test('a throwing handler answers 500 and fails the close', async () => {
  const server = await startServer(() => {
    throw new Error('broken handler');
  });
  expect((await fetch(server.url)).status).toBe(500);
  await expect(server.close()).rejects.toThrow('broken handler');
});

test('the raw server counts pipelined requests and skips their bodies', async () => {
  await using server = await startRawServer([
    rawResponse('1'),
    ({ socket, head }) => socket.write(rawResponse(head.split(' ')[1] ?? '')),
    ({ socket }) => socket.resetAndDestroy(),
  ]);
  await using client = new RawClient(server.port);
  client.send('POST /one HTTP/1.1\r\nContent-Length: 16\r\n\r\nGET /no HTTP/1.1');
  client.send(
    'POST /two HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nGET /three HTTP/1.1\r\n\r\n',
  );
  expect(await client.ended).toBe('reset');
  expect(client.text).toBe(rawResponse('1') + rawResponse('/two'));
  expect([server.requests, server.connections, server.sockets]).toEqual([3, 1, 0]);
  expect(server.heads[2]).toBe('GET /three HTTP/1.1');
});

test('a secure server tells its certificate, sees the client and counts its connections', async () => {
  await using server = await startServer(undefined, { tls: { ...serverPair, ca, requestCert: true } });
  const call = (options: RequestOptions) =>
    new Promise<string>(resolve => {
      secureRequest(server.url, { agent: false, ...options }, res => {
        const { subject } = (res.socket as TLSSocket).getPeerCertificate();
        res.resume().on('end', () => resolve(String(subject.CN)));
      })
        .on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
        .end();
    });
  expect(server.url).toMatch(/^https:/);
  expect(await call({ ca, ...clientOne })).toMatch(/^\w/);
  expect(await call({ ca, servername: 'other.test' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(server.requests.map(seen => seen.connection)).toEqual([1]);
});

test('a blackhole neither accepts nor refuses, and a refused port refuses', async () => {
  const settled = (port: number) =>
    new Promise<string>(resolve => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve('connected')).on('error', error => resolve(error.message));
      setTimeout(() => {
        resolve('still connecting');
        socket.destroy();
      }, 300);
    });
  await using blackhole = await startBlackhole();
  expect(await settled(blackhole.port)).toBe('still connecting');
  expect(await settled(await refusedPort())).toMatch('ECONNREFUSED');
});
