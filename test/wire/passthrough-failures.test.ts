import { getEventListeners, once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { InvalidRequestError, NetworkError, ServiceClient, sendProblem } from '../../src/index.ts';
import type { PassthroughOptions } from '../../src/passthrough/passthrough.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { RawClient, sendRaw } from '../support/raw-client.ts';
import { ask, startGateway } from './passthrough-gateway.ts';

const CLOSE = 'Connection: close\r\n';

describe('a failure before the head', () => {
  test('is answered as a problem', async () => {
    await using gateway = await startGateway(`http://127.0.0.1:${await refusedPort()}`);
    const { status, headers, body } = await ask(gateway.port);
    expect(status).toBe(503);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['content-length']).toBe(`${body.length}`);
    expect(JSON.parse(`${body}`)).toMatchObject({ status: 503, code: 'ERR_NETWORK', service: 'upstream' });
    const result = await gateway.result();
    expect(result).toMatchObject({ status: 503, bytesSent: body.length, resumes: 0 });
    expect(result.error).toBeInstanceOf(NetworkError);
    expect(result.endpoint).toMatch(/^http:/);
    expect(result.attempts.length).toBe(1);
  });

  test('to HEAD has no body', async () => {
    await using gateway = await startGateway(`http://127.0.0.1:${await refusedPort()}`);
    const { text } = await sendRaw(gateway.port, `HEAD / HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\n\r\n$/);
    expect(await gateway.result()).toMatchObject({ status: 503, bytesSent: 0 });
  });

  test("rejects with onError: 'throw', and the response is untouched", async () => {
    const port = await refusedPort();
    await using client = new ServiceClient({
      name: 'upstream',
      baseUrl: `http://127.0.0.1:${port}`,
      retry: false,
    });
    let failure: unknown;
    await using server = await startServer(async (req, res) => {
      failure = await client.passthrough(req, res, { onError: 'throw' }).catch(error => error);
      const untouched = !res.headersSent && res.getHeaderNames().length === 0;
      res.writeHead(untouched ? 418 : 500).end('own');
    });
    const { status, body } = await ask(server.port, { method: 'POST', body: 'hello' });
    expect([status, `${body}`]).toEqual([418, 'own']);
    expect(failure).toBeInstanceOf(NetworkError);
  });

  test('caused by the request tells a handler of its own the right status', async () => {
    await using client = new ServiceClient({ name: 'upstream', baseUrl: 'http://127.0.0.1:9' });
    await using server = await startServer(async (req, res) => {
      await client.passthrough(req, res, { onError: 'throw' }).catch(error => sendProblem(res, error));
    });
    expect((await ask(server.port, { path: '/../x' })).status).toBe(400);
    expect(
      (await ask(server.port, { headers: { connection: 'upgrade', upgrade: 'x' } }).catch(() => undefined))
        ?.status,
    ).toBe(501);
  });

  test('leaves a keep-alive connection usable, with and without an upload', async () => {
    await using gateway = await startGateway(`http://127.0.0.1:${await refusedPort()}`);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const body of ['hello', '', 'x'.repeat(100_000), 'bye']) {
      const req = request({ port: gateway.port, host: '127.0.0.1', agent, method: 'POST' });
      req.end(body);
      const [message] = (await once(req, 'response')) as [IncomingMessage];
      expect(message.statusCode).toBe(503);
      await message.resume().toArray();
    }
    agent.destroy();
  });
});

describe('what the request brings upon itself', () => {
  test.each([
    'Connection: Upgrade\r\nUpgrade: websocket\r\n',
    'Connection: keep-alive, upgrade\r\nUpgrade: x\r\n',
  ])('an upgrade is answered 501', async headers => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(`GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    expect(await client.until(/"code":"ERR_INVALID_REQUEST"[\s\S]*\}$/)).toMatch(/^HTTP\/1\.1 501 /);
    expect(upstream.requests.length).toBe(0);
    expect(await gateway.result()).toMatchObject({ status: 501, attempts: [] });
  });

  test('an Upgrade that the connection does not ask for is ignored', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    const { text } = await sendRaw(gateway.port, `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n${CLOSE}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a GET with Content-Length: 0 has no body', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    expect((await ask(gateway.port, { headers: { 'content-length': '0' } })).status).toBe(200);
  });

  test("a path that a function made of the request is the request's fault, a fixed one is ours", async () => {
    await using upstream = await startServer();
    await using made = await startGateway(upstream.url, { options: { path: req => `/x${req.url}` } });
    expect((await ask(made.port, { path: '/../y' })).status).toBe(400);
    await using fixed = await startGateway(upstream.url, { options: { path: '/../y' } });
    expect((await ask(fixed.port)).status).toBe(500);
    expect(upstream.requests.length).toBe(0);
  });
});

describe("the developer's own mistakes", () => {
  test.each([
    [{ tiemout: 5 }, 'tiemout: unknown option'],
    [{ resume: 3 }, 'resume: expected true, false or { maxResumes }'],
    [{ headers: { connection: 'x' } }, 'headers: connection cannot be set'],
    [{ path: () => 7 as unknown as string }, 'path: the function did not return a string'],
  ])('%o is answered 500 and tells the developer alone', async (options, text) => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url, { options: options as PassthroughOptions });
    const { status, body } = await ask(gateway.port);
    expect(status).toBe(500);
    expect(`${body}`).not.toContain(text);
    const { error } = await gateway.result();
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(String(error)).toContain(text);
    expect(upstream.requests.length).toBe(0);
  });

  test('a path function that throws is answered 500 without its text', async () => {
    const failure = new Error('secret');
    await using upstream = await startServer();
    const path = () => {
      throw failure;
    };
    await using gateway = await startGateway(upstream.url, { options: { path } });
    const { status, body } = await ask(gateway.port);
    expect([status, `${body}`.includes('secret')]).toEqual([500, false]);
    expect((await gateway.result()).error).toBe(failure);
  });

  test('a body that a parser has read already is answered 500, and never hangs', async () => {
    await using upstream = await startServer();
    await using client = new ServiceClient({ name: 'upstream', baseUrl: upstream.url });
    let error: unknown;
    await using server = await startServer(async (req, res) => {
      await req.toArray();
      ({ error } = await client.passthrough(req, res));
    });
    expect((await ask(server.port, { method: 'POST', body: 'hello' })).status).toBe(500);
    expect(String(error)).toContain('mount passthrough before body parsers');
    expect(upstream.requests.length).toBe(0);
  });

  test('a response that has begun already rejects, and is left alone', async () => {
    await using upstream = await startServer();
    await using client = new ServiceClient({ name: 'upstream', baseUrl: upstream.url });
    let failure: unknown;
    await using server = await startServer(async (req, res) => {
      res.writeHead(200);
      failure = await client.passthrough(req, res).catch(error => error);
      res.end('own');
    });
    const { status, body } = await ask(server.port);
    expect([status, `${body}`]).toEqual([200, 'own']);
    expect(failure).toBeInstanceOf(InvalidRequestError);
  });
});

describe('x-should-retry', () => {
  const retrying = { retry: { maxAttempts: 2, backoff: { baseDelayMs: 1 } } } as const;

  test('forbids a resend of a status that was resent here to no avail', async () => {
    await using upstream = await startServer((_req, res) => res.writeHead(503).end());
    await using gateway = await startGateway(upstream.url, { client: retrying });
    const { status, headers } = await ask(gateway.port);
    expect([status, headers['x-should-retry'], upstream.requests.length]).toEqual([503, 'false', 2]);
  });

  test('is not made up for a status that may not be resent, or that was none', async () => {
    await using upstream = await startServer((req, res) =>
      res.writeHead(req.method === 'POST' ? 503 : 404).end(),
    );
    await using gateway = await startGateway(upstream.url, { client: retrying });
    expect((await ask(gateway.port, { method: 'POST', body: 'x' })).headers).not.toHaveProperty(
      'x-should-retry',
    );
    expect((await ask(gateway.port)).headers).not.toHaveProperty('x-should-retry');
    expect(upstream.requests.length).toBe(2);
  });

  test('of the upstream is passed on', async () => {
    await using upstream = await startServer((_req, res) =>
      res.writeHead(503, { 'x-should-retry': 'false' }).end(),
    );
    await using gateway = await startGateway(upstream.url, { client: retrying });
    const { headers } = await ask(gateway.port);
    expect([headers['x-should-retry'], upstream.requests.length]).toEqual(['false', 1]);
  });

  test('forbids a resend in a problem after attempts were spent here', async () => {
    await using gateway = await startGateway(`http://127.0.0.1:${await refusedPort()}`, { client: retrying });
    const { status, headers } = await ask(gateway.port);
    expect([status, headers['x-should-retry']]).toEqual([503, 'false']);
    expect((await gateway.result()).attempts.length).toBe(2);
  });
});

test('a deadline that has passed is answered 504, and nothing is sent', async () => {
  await using upstream = await startServer();
  await using gateway = await startGateway(upstream.url, { options: { deadline: new Date(0) } });
  expect((await ask(gateway.port)).status).toBe(504);
  expect(upstream.requests.length).toBe(0);
});

test('no listener stays on request, response and signal, however it goes', async () => {
  await using upstream = await startServer((req, res) => {
    req.resume();
    if (req.url === '/die') res.writeHead(200, { 'content-length': 9 }).write('x', () => res.destroy());
    else res.end('hello');
  });
  await using client = new ServiceClient({ name: 'upstream', baseUrl: upstream.url, retry: false });
  const { signal } = new AbortController();
  let added: string[] | undefined;
  let done = Promise.withResolvers<void>();
  const server = createServer(async (req, res) => {
    // Node adds a listener of its own once the handler has been called.
    await Promise.resolve();
    const before = countListeners(req, res);
    await client.passthrough(req, res, { signal });
    added = [...countListeners(req, res)]
      .filter(([name, count]) => count > (before.get(name) ?? 0))
      .map(String);
    done.resolve();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const path of ['/', '/die', '/../x']) {
    for (const body of [undefined, 'upload']) {
      done = Promise.withResolvers<void>();
      added = undefined;
      await ask(port, { method: body ? 'POST' : 'GET', path, body }).catch(() => {});
      await done.promise;
      expect(added, `${path} ${body}`).toEqual([]);
    }
  }
  server.close();
  expect(getEventListeners(signal, 'abort').length).toBe(0);
});

/** Without those that Node itself adds once a response is over. */
function countListeners(req: IncomingMessage, res: ServerResponse): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [side, emitter] of Object.entries({ req, res })) {
    for (const name of emitter.eventNames()) {
      const ours = emitter.listeners(name).filter(listener => listener.name !== 'clearIncoming');
      counts.set(`${side}:${String(name)}`, ours.length);
    }
  }
  return counts;
}
