import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { sendRaw } from '../support/raw-client.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { ask, startGateway } from './passthrough-gateway.ts';

const CLOSE = 'Connection: close\r\n';

describe('hop-by-hop headers', () => {
  test('of a request, and those that its Connection names, do not reach the upstream', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    const hopByHop =
      'Connection: close, X-Named\r\nX-Named: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n' +
      'Proxy-Authorization: Basic c2VjcmV0\r\nProxy-Authenticate: x\r\nTE: trailers\r\nTrailer: x-t\r\nUpgrade: h2c\r\n';
    await sendRaw(gateway.port, `GET /a?b=c HTTP/1.1\r\nHost: shop\r\nX-Kept: 1\r\n${hopByHop}\r\n`);
    const [seen] = upstream.requests;
    expect(seen?.url).toBe('/a?b=c');
    expect(seen?.headers).toEqual({
      host: `127.0.0.1:${upstream.port}`,
      connection: 'keep-alive',
      'x-kept': '1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop',
      'x-forwarded-proto': 'http',
      forwarded: 'for=127.0.0.1;host=shop;proto=http',
      via: expect.stringMatching(/^1\.1 holdfast-\w{8}$/),
    });
  });

  test('of a response, and those that its Connection names, do not reach the client', async () => {
    await using upstream = await startRawServer(
      rawResponse(
        'hello',
        'HTTP/1.1 200 OK\r\nConnection: X-Named\r\nX-Named: 1\r\nKeep-Alive: timeout=77\r\nProxy-Authenticate: x\r\n' +
          'Proxy-Connection: x\r\nUpgrade: h2c\r\nTE: x\r\nX-Kept: 1',
      ),
    );
    await using gateway = await startGateway(upstream.url);
    const { text } = await sendRaw(gateway.port, `GET / HTTP/1.1\r\nHost: shop\r\n${CLOSE}\r\n`);
    expect(text).toMatch(/^x-kept: 1\r$/im);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(text).not.toMatch(/^(x-named|keep-alive|proxy-.*|upgrade|te):/im);
  });

  test('that a client names to get rid of what the gateway adds take nothing away', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url, { client: { via: 'edge' } });
    const named =
      'Connection: close, x-forwarded-for, x-forwarded-host, x-forwarded-proto, forwarded, via, host\r\n';
    await sendRaw(gateway.port, `GET / HTTP/1.1\r\nHost: shop\r\n${named}\r\n`);
    expect(upstream.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop',
      'x-forwarded-proto': 'http',
      forwarded: 'for=127.0.0.1;host=shop;proto=http',
      via: '1.1 edge',
    });
  });
});

describe('framing', () => {
  test('a request with both Transfer-Encoding and Content-Length is not passed on', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    const { text } = await sendRaw(
      gateway.port,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n${CLOSE}\r\n0\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(upstream.requests.length).toBe(0);
  });

  test('even from a lenient server only one of them goes out', async () => {
    await using upstream = await startRawServer(rawResponse('ok'));
    await using client = new ServiceClient({ name: 'upstream', baseUrl: upstream.url });
    const lenient = createServer({ insecureHTTPParser: true }, (req, res) => client.passthrough(req, res));
    await new Promise<void>(resolve => lenient.listen(0, '127.0.0.1', resolve));
    await sendRaw(
      (lenient.address() as AddressInfo).port,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n${CLOSE}\r\n5\r\nhello\r\n0\r\n\r\n`,
    );
    lenient.close();
    expect(upstream.heads[0]).toMatch(/^transfer-encoding: chunked$/im);
    expect(upstream.heads[0]).not.toMatch(/^content-length:/im);
  });

  test('a body of announced length keeps it, one in chunks stays in chunks, none has neither', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    await ask(gateway.port, { method: 'POST', body: 'hello', headers: { 'content-length': '5' } });
    await ask(gateway.port, { method: 'POST', body: 'hello', headers: { 'transfer-encoding': 'chunked' } });
    await ask(gateway.port, { method: 'DELETE' });
    const framing = upstream.requests.map(({ headers, body }) => [
      headers['content-length'],
      headers['transfer-encoding'],
      body,
    ]);
    expect(framing).toEqual([
      ['5', undefined, 'hello'],
      [undefined, 'chunked', 'hello'],
      [undefined, undefined, ''],
    ]);
  });

  test('an expectation that Node has answered is not passed on', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n${CLOSE}\r\n`;
    await sendRaw(gateway.port, `${head}hello`);
    expect(upstream.requests[0]?.headers).not.toHaveProperty('expect');
    expect(upstream.requests[0]?.body).toBe('hello');
  });
});

describe('forwarded headers', () => {
  const spoofed = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'evil',
    'x-forwarded-proto': 'https',
    forwarded: 'for=1.2.3.4',
    host: 'shop:81',
  };

  test('are replaced', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    await ask(gateway.port, { headers: spoofed });
    expect(upstream.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop:81',
      'x-forwarded-proto': 'http',
      forwarded: 'for=127.0.0.1;host="shop:81";proto=http',
      host: `127.0.0.1:${upstream.port}`,
    });
  });

  test('are appended to with trustForwarded', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url, { options: { trustForwarded: true } });
    await ask(gateway.port, { headers: spoofed });
    expect(upstream.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '1.2.3.4, 127.0.0.1',
      'x-forwarded-host': 'evil, shop:81',
      'x-forwarded-proto': 'https, http',
      forwarded: 'for=1.2.3.4, for=127.0.0.1;host="shop:81";proto=http',
    });
  });

  test('name an IPv6 client', async () => {
    await using upstream = await startServer();
    await using client = new ServiceClient({ name: 'upstream', baseUrl: upstream.url });
    const server = createServer((req, res) => client.passthrough(req, res));
    await new Promise<void>(resolve => server.listen(0, '::1', resolve));
    const { port } = server.address() as AddressInfo;
    await fetch(`http://[::1]:${port}/`, { headers: { connection: 'close' } }).then(response =>
      response.text(),
    );
    server.close();
    expect(upstream.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '::1',
      forwarded: `for="[::1]";host="[::1]:${port}";proto=http`,
    });
  });
});

describe('Via', () => {
  test('is added both ways, after what is there', async () => {
    await using upstream = await startServer((_req, res) => res.writeHead(200, { via: '1.0 inner' }).end());
    await using gateway = await startGateway(upstream.url, { client: { via: 'edge' } });
    const { headers } = await ask(gateway.port, { headers: { via: '1.0 outer' } });
    expect(upstream.requests[0]?.headers.via).toBe('1.0 outer, 1.1 edge');
    expect(headers.via).toBe('1.0 inner, 1.1 edge');
  });

  test('is not sent with via: false', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url, { client: { via: false } });
    expect((await ask(gateway.port)).headers).not.toHaveProperty('via');
    expect(upstream.requests[0]?.headers).not.toHaveProperty('via');
  });

  test('with our own name in it is answered 508, and nothing is sent', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url, { client: { via: 'edge' } });
    const answer = await ask(gateway.port, { headers: { via: ['1.1 a (comment, 1.1 x)', '1.1 EDGE'] } });
    expect(answer.status).toBe(508);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 508, code: 'ERR_LOOP' });
    expect(upstream.requests.length).toBe(0);
    expect(await gateway.result()).toMatchObject({ status: 508, endpoint: undefined, attempts: [] });
  });

  test('ends a real loop at the second round', async () => {
    const clients: ServiceClient[] = [];
    await using loop = await startServer((req, res) => {
      const [client] = clients;
      return client?.passthrough(req, res);
    });
    clients.push(new ServiceClient({ name: 'itself', baseUrl: loop.url, retry: false }));
    expect((await ask(loop.port)).status).toBe(508);
    expect(loop.requests.length).toBe(2);
    await clients[0]?.close({ graceMs: 0 });
  });
});

describe('end-to-end headers', () => {
  test('go through as they are, and nothing is made up', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(upstream.url);
    await sendRaw(
      gateway.port,
      `GET / HTTP/1.1\r\nHost: a\r\n${CLOSE}Cookie: a=1\r\nCookie: b=2\r\nX-Two: 1\r\nX-Two: 2\r\nAccept-Encoding: x\r\n\r\n`,
    );
    const { headers = {} } = upstream.requests[0] ?? {};
    expect(headers).toMatchObject({ cookie: 'a=1; b=2', 'x-two': '1, 2', 'accept-encoding': 'x' });
    await ask(gateway.port);
    const second = upstream.requests[1]?.headers;
    for (const name of ['user-agent', 'accept', 'accept-encoding', 'content-type']) {
      expect(second).not.toHaveProperty(name);
    }
  });

  test('of a response come back, several Set-Cookie apart, the Date of the upstream kept', async () => {
    const date = 'Tue, 15 Nov 1994 08:12:31 GMT';
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200, { 'set-cookie': ['a=1', 'b=2'], date, etag: '"x"', server: 'inner' }).end('hello');
    });
    await using gateway = await startGateway(upstream.url);
    const { headers } = await ask(gateway.port);
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], date, etag: '"x"', server: 'inner' });
  });

  test('are dropped and set by the options, in any case', async () => {
    await using upstream = await startServer((_req, res) =>
      res.writeHead(200, { 'x-in': '1', server: 'x' }).end(),
    );
    await using gateway = await startGateway(upstream.url, {
      options: {
        headers: { 'X-Key': 'k', 'x-many': ['1', '2'], 'x-gone': undefined },
        dropRequestHeaders: ['Cookie'],
        responseHeaders: { 'X-Frame-Options': 'DENY' },
        dropResponseHeaders: ['Server'],
      },
    });
    const asked = { cookie: 'a=1', 'x-key': 'spoofed', 'x-gone': '1' };
    const { headers } = await ask(gateway.port, { headers: asked });
    const seen = upstream.requests[0]?.headers;
    expect(seen).toMatchObject({ 'x-key': 'k', 'x-many': '1, 2' });
    expect(seen).not.toHaveProperty('cookie');
    expect(seen).not.toHaveProperty('x-gone');
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-in': '1' });
    expect(headers).not.toHaveProperty('server');
  });

  test('that the application has set before are kept', async () => {
    await using upstream = await startServer((_req, res) => res.writeHead(200, { 'x-in': '1' }).end());
    await using gateway = await startGateway(upstream.url, {
      before: (_req, res) => res.setHeader('x-request-id', 'r1'),
    });
    expect((await ask(gateway.port)).headers).toMatchObject({ 'x-request-id': 'r1', 'x-in': '1' });
  });
});

describe('the path', () => {
  test('is the one of the request, below the base path', async () => {
    await using upstream = await startServer();
    await using gateway = await startGateway(`${upstream.url}/api`);
    await ask(gateway.port, { path: '/a%20b/%7Bc%7D?d={e}&f=%2F' });
    expect(upstream.requests[0]?.url).toBe('/api/a%20b/%7Bc%7D?d={e}&f=%2F');
  });

  test('can be given, or made from the request', async () => {
    await using upstream = await startServer();
    await using fixed = await startGateway(upstream.url, { options: { path: '/fixed?x=1' } });
    await ask(fixed.port, { path: '/a?b' });
    await using made = await startGateway(upstream.url, { options: { path: req => `/made${req.url}` } });
    await ask(made.port, { path: '/a?b' });
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/fixed?x=1', '/made/a?b']);
  });

  test.each(['/../admin', '/a/%2e%2e/admin', '//evil/a', 'http://evil/a', '/a\\b', '/a%2f..%2fb', '/a%5cb'])(
    '%s that leads elsewhere is answered 400, and nothing is sent',
    async target => {
      await using upstream = await startServer();
      await using gateway = await startGateway(`${upstream.url}/api`);
      const { text } = await sendRaw(gateway.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text).toMatch(/^content-type: application\/problem\+json\r$/im);
      expect(upstream.requests.length).toBe(0);
    },
  );
});
