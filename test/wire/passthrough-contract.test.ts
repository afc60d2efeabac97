import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { NetworkError } from '../../src/index.ts';
import { type PassthroughResult, passthrough } from '../../src/passthrough/passthrough.ts';
import type { OpenRaw, RawCall } from '../../src/passthrough/raw-call.ts';
import { rememberBody, type StreamResponse } from '../../src/response/stream-response.ts';
import { systemClock } from '../../src/time/clock.ts';
import { startServer, type TestServer } from '../support/http-server.ts';
import { RawClient } from '../support/raw-client.ts';
import { ask } from './passthrough-gateway.ts';

/** What passthrough does when whoever opens the calls is late, silent or wrong. */

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function reply(body: Readable, parts: Partial<StreamResponse> = {}): StreamResponse {
  return {
    status: 200,
    headers: {},
    body,
    url: 'http://10.0.0.1/',
    endpoint: 'http://10.0.0.1',
    service: 'upstream',
    attempts: [],
    completed: Promise.resolve({ bytes: 0, durationMs: 0, bytesPerSecond: 0, resumes: 2 }),
    ...parts,
  };
}

interface Front {
  readonly server: TestServer;
  readonly results: Promise<PassthroughResult>[];
}

async function startFront(openRaw: OpenRaw): Promise<Front> {
  const config = { service: 'upstream', via: 'edge', clock: systemClock };
  const results: Promise<PassthroughResult>[] = [];
  const server = await startServer((req, res) => {
    const result = passthrough(openRaw, config, req, res);
    results.push(result);
    return result;
  });
  return { server, results };
}

/** A body that never ends and that nothing but its reader ends. */
const endless = () => new Readable({ read() {} });

test('a client that leaves while it is waited for ends the exchange, whatever the body does', async () => {
  const body = endless();
  const { server, results } = await startFront(async () => reply(body));
  await using _server = server;
  await using client = new RawClient(server.port);
  client.socket.pause();
  client.send(GET);
  await server.received();
  while (!body.isPaused()) {
    body.push(Buffer.alloc(1024 * 1024));
    await new Promise(resolve => setImmediate(resolve));
  }
  client.socket.destroy();
  expect(await results[0]).toMatchObject({ status: 200, error: { name: 'AbortError' } });
  expect(body.destroyed).toBe(true);
});

test('a client that leaves breaks its upload with the reason, also where nobody reads it', async () => {
  const opened = Promise.withResolvers<RawCall>();
  const { server, results } = await startFront(call => {
    opened.resolve(call);
    return new Promise((_resolve, reject) => call.cancellation.onCancel(reject));
  });
  await using _server = server;
  await using client = new RawClient(server.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx');
  const { body, cancellation } = await opened.promise;
  client.socket.destroy();
  await results[0];
  expect(cancellation.reason).toMatchObject({ name: 'AbortError' });
  expect(body.kind === 'one-shot' && body.source.errored).toBe(cancellation.reason);
});

test('a reply that comes after the client has left is given up', async () => {
  const body = endless();
  const opened = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<StreamResponse>();
  const { server, results } = await startFront(() => {
    opened.resolve();
    return answer.promise;
  });
  await using _server = server;
  await using client = new RawClient(server.port);
  client.send(GET);
  await opened.promise;
  client.socket.destroy();
  await server.idle();
  answer.resolve(reply(body));
  expect(await results[0]).toMatchObject({ status: 499, error: { name: 'AbortError' } });
  expect(body.destroyed).toBe(true);
});

test('an upload that was read in part before the call failed leaves the connection usable', async () => {
  const { server } = await startFront(async ({ body }) => {
    if (body.kind === 'one-shot') {
      await once(body.source, 'readable');
      body.source.read(1);
    }
    // By then all of it that fits has come in, and waits.
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve));
    throw new NetworkError({ service: 'upstream', phase: 'request' });
  });
  await using _server = server;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const bytes of [130_000, 150_000, 170_000, 190_000, 10, 400_000, 10]) {
    const req = request({ port: server.port, host: '127.0.0.1', agent, method: 'POST' });
    req.end(Buffer.alloc(bytes));
    const [message] = (await once(req, 'response')) as [IncomingMessage];
    expect(message.statusCode).toBe(503);
    await message.toArray();
  }
  agent.destroy();
});

test('a body that ends short of its announced length never looks whole', async () => {
  const { server, results } = await startFront(async () =>
    reply(Readable.from([Buffer.from('hello')]), { headers: { 'content-length': '10' } }),
  );
  await using _server = server;
  await expect(ask(server.port)).rejects.toThrow();
  expect(await results[0]).toMatchObject({ bytesSent: 5, error: { code: 'ERR_NETWORK', phase: 'body' } });
  // What had come is the client's, all that was told as sent.
  const [message] = (await once(request({ port: server.port, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ];
  const read: Buffer[] = [];
  message.on('data', chunk => read.push(chunk));
  await expect(once(message, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect([message.statusCode, Buffer.concat(read).toString()]).toEqual([200, 'hello']);
});

test.each([
  ['destroyed without a word', undefined],
  ['broken', new Error('broken')],
])('a body that was %s before it is handed over breaks the response off', async (_how, error) => {
  const { server, results } = await startFront(async () => {
    const body = endless().on('error', () => {});
    body.destroy(error);
    return reply(body);
  });
  await using _server = server;
  await expect(ask(server.port)).rejects.toThrow();
  expect((await results[0])?.error).toMatchObject(error ?? { code: 'ERR_NETWORK', phase: 'body' });
});

test.each([{ status: 1000 }, { status: 200, headers: { 'x-odd': 'a\u{1F600}' } }])(
  'a head that cannot be written (%o) is a failure like any other',
  async parts => {
    const body = endless();
    const { server } = await startFront(async () => reply(body, parts));
    await using _server = server;
    const { status, headers } = await ask(server.port);
    expect([status, headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(body.destroyed).toBe(true);
  },
);

test('trailers that cannot be written are left out', async () => {
  const { server } = await startFront(async () => {
    const response = reply(Readable.from([Buffer.from('hello')]));
    rememberBody(response, { trailers: () => ({ 'x-odd': 'a\u{1F600}' }) });
    return response;
  });
  await using _server = server;
  const { body, trailers } = await ask(server.port);
  expect([`${body}`, trailers]).toEqual(['hello', {}]);
});

test('the number of resumes is told, and books that were not kept are no failure', async () => {
  const resumed = reply(Readable.from([]));
  rememberBody(resumed, { trailers: () => undefined, resumes: 2 });
  // As an interceptor may hand it on.
  const answers = [{ ...resumed }, reply(Readable.from([]))];
  const { server, results } = await startFront(async () => answers.shift() as StreamResponse);
  await using _server = server;
  await ask(server.port);
  await ask(server.port);
  expect([(await results[0])?.resumes, (await results[1])?.resumes]).toEqual([2, 0]);
  expect(await results[1]).not.toHaveProperty('error');
});

test('with onError: throw an upload that was read in part does not block the connection either', async () => {
  const config = { service: 'upstream', via: 'edge', clock: systemClock };
  const openRaw: OpenRaw = async ({ body }) => {
    if (body.kind === 'one-shot') await once(body.source, 'readable');
    throw new NetworkError({ service: 'upstream', phase: 'request' });
  };
  await using server = await startServer(async (req, res) => {
    await passthrough(openRaw, config, req, res, { onError: 'throw' }).catch(() => res.writeHead(418).end());
  });
  await using client = new RawClient(server.port);
  for (let count = 1; count <= 3; count++) {
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n');
    client.send(Buffer.alloc(400_000));
    await client.until(new RegExp(`(HTTP/1.1 418[\\s\\S]*){${count}}`));
  }
});
