import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import { undiciTransport } from '../../src/undici/index.ts';
import { ca, serverPair } from '../support/certificates.ts';
import { rejectionOf } from '../support/transport-request.ts';

const MEBIBYTE = 2 ** 20;

let server: Http2SecureServer;
let agent: Agent;
let client: ServiceClient;
const seen: Http2ServerRequest[] = [];

beforeAll(async () => {
  server = createSecureServer(serverPair, async (req, res) => {
    seen.push(req);
    switch (req.url) {
      case '/echo':
        res.writeHead(200, { 'content-type': 'text/plain' }).end(await buffer(req));
        return;
      case '/big':
        res.writeHead(200).end(Buffer.alloc(MEBIBYTE, 'x'));
        return;
      case '/cut':
        res.writeHead(200, { 'content-type': 'text/plain' }).write('a part', () => res.stream.close(2));
        return;
      case '/never':
        return;
      case '/once':
        res.writeHead(seen.length > 1 ? 200 : 503).end();
        return;
      default:
        res.writeHead(200, { 'content-type': 'application/json' }).end('{"id":7}');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  agent = new Agent({ allowH2: true, connect: { ca } });
  client = new ServiceClient({
    name: 'users',
    baseUrl: `https://localhost:${(server.address() as AddressInfo).port}`,
    transport: undiciTransport({ dispatcher: agent }),
    retry: { backoff: { baseDelayMs: 1 } },
  });
});

beforeEach(() => {
  seen.length = 0;
});

afterAll(async () => {
  await client.close();
  await agent.destroy();
  server.close();
});

test('a dispatcher that speaks HTTP/2 carries calls over it', async () => {
  expect(await client.get('/users/7')).toMatchObject({ status: 200, data: { id: 7 } });
  expect(seen.map(({ httpVersion, method }) => [httpVersion, method])).toEqual([['2.0', 'GET']]);
});

test.each([
  ['in memory', { body: 'one two' }],
  ['as it comes', { body: Readable.from(['one ', 'two']) }],
])('a body is sent: %s', async (_, call) => {
  expect(await client.post('/echo', call)).toMatchObject({ data: 'one two' });
});

test('a body is read as it arrives', async () => {
  const { body } = await client.stream('GET', '/big');
  expect(await buffer(body)).toHaveLength(MEBIBYTE);
});

test('a status is retried', async () => {
  expect(await client.get('/once')).toMatchObject({
    status: 200,
    attempts: [{ status: 503 }, { status: 200 }],
  });
});

test('a body that breaks off fails', async () => {
  const { body } = await client.stream('GET', '/cut');
  expect(await rejectionOf(text(body))).toMatchObject({ code: 'ERR_NETWORK', phase: 'body' });
});

test('a call ends with its time, and the next one goes on', async () => {
  const error = await rejectionOf(client.get('/never', { timeout: { attemptMs: 50 }, retry: false }));
  expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt' });
  expect((await client.get('/')).status).toBe(200);
});
