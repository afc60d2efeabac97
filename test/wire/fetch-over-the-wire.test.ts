import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { NetworkError, ServiceClient } from '../../src/index.ts';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';
import { refusedPort, sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { type RawExchange, rawResponse, startRawServer } from '../support/raw-server.ts';
import { writeUntilFull } from './passthrough-gateway.ts';

const MIB = 1024 * 1024;

const clientOf = (baseUrl: string, options: Partial<ServiceClientOptions> = {}) =>
  new ServiceClient({ name: 'users', baseUrl, retry: false, ...options } as ServiceClientOptions);

describe('the response', () => {
  test('of every status resolves', async () => {
    await using upstream = await startServer((req, res) =>
      sendJson(res, { path: req.url }, Number(req.url?.slice(1))),
    );
    await using client = clientOf(upstream.url);
    for (const status of [200, 404, 409, 500, 503]) {
      const response = await client.fetch(`/${status}`);
      expect(response.status).toBe(status);
      expect(response.url).toBe(`${upstream.url}/${status}`);
      expect(await response.json()).toEqual({ path: `/${status}` });
    }
  });

  test('is decoded, and no header speaks of the coded bytes', async () => {
    const coded = gzipSync('hello '.repeat(10_000));
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': coded.length }).end(coded);
    });
    await using client = clientOf(upstream.url);
    const response = await client.fetch('/');
    expect(upstream.requests[0]?.headers['accept-encoding']).toContain('gzip');
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(response.headers.has('content-length')).toBe(false);
    expect(await response.text()).toBe('hello '.repeat(10_000));
  });

  test('keeps several Set-Cookie apart', async () => {
    await using upstream = await startServer((_req, res) =>
      res.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end(),
    );
    await using client = clientOf(upstream.url);
    expect((await client.fetch('/')).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test.each([
    ['GET', 204],
    ['GET', 304],
    ['HEAD', 200],
  ])('to %s with %d has no body, and the connection is free again', async (method, status) => {
    await using upstream = await startServer((_req, res) => {
      // Without a length Node's client gives the connection of a HEAD up.
      res.writeHead(status, status === 200 ? { 'content-length': 5 } : {}).end();
    });
    await using client = clientOf(upstream.url);
    for (let count = 0; count < 3; count++) {
      expect((await client.fetch('/', { method })).body).toBe(null);
      await upstream.idle();
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(upstream.connections).toBe(1);
  });

  test('of a large body arrives whole', async () => {
    const bytes = randomBytes(8 * MIB);
    await using upstream = await startServer((_req, res) => res.end(bytes));
    await using client = clientOf(upstream.url);
    const body = await (await client.fetch('/')).bytes();
    expect(Buffer.from(body).equals(bytes)).toBe(true);
  });

  test('that nobody reads holds the upstream back, and cancelling it closes the connection', async () => {
    const written = Promise.withResolvers<number>();
    await using upstream = await startServer(async (_req, res) => written.resolve(await writeUntilFull(res)));
    await using client = clientOf(upstream.url);
    const reader = (await client.fetch('/')).body?.getReader();
    await reader?.read();
    expect(await written.promise).toBeLessThan(64 * MIB);
    const cancelledAt = performance.now();
    await reader?.cancel();
    await upstream.drained();
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
  });

  test('that breaks off rejects its reader', async () => {
    await using upstream = await startRawServer(({ socket }: RawExchange) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', () => socket.end());
    });
    await using client = clientOf(upstream.url);
    const response = await client.fetch('/');
    await expect(response.text()).rejects.toMatchObject({ code: 'ERR_NETWORK', phase: 'body' });
  });

  test('with a status that no Response may have is a NetworkError', async () => {
    await using upstream = await startRawServer(rawResponse('x', 'HTTP/1.1 799 Odd'));
    await using client = clientOf(upstream.url);
    await expect(client.fetch('/')).rejects.toBeInstanceOf(NetworkError);
  });
});

describe('the request', () => {
  test('goes to the base from every kind of input', async () => {
    await using upstream = await startServer();
    await using client = clientOf(`${upstream.url}/api`);
    const { fetch } = client;
    await fetch('/a?x=1');
    await fetch(`${upstream.url}/api/b`);
    await fetch(new URL('http://users/c'));
    await fetch(new Request('http://users/d', { method: 'PUT', body: 'hello' }));
    expect(upstream.requests.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/api/a?x=1', ''],
      ['GET', '/api/b', ''],
      ['GET', '/api/c', ''],
      ['PUT', '/api/d', 'hello'],
    ]);
    expect(upstream.requests[0]?.headers['user-agent']).toMatch(/^holdfast\//);
  });

  test.each(['http://evil/', 'http://127.0.0.1:9/api/x', '//evil/a', '/../a', '/a%2f..%2fb', '/a\\b'])(
    'to %s is refused, and nothing is sent',
    async url => {
      await using upstream = await startServer();
      await using client = clientOf(`${upstream.url}/api`);
      await expect(client.fetch(url)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
      expect(upstream.requests.length).toBe(0);
    },
  );

  test('loses framing and hop-by-hop headers in silence', async () => {
    await using upstream = await startServer();
    await using client = clientOf(upstream.url);
    const headers = {
      host: 'evil',
      connection: 'x-one',
      'x-one': '1',
      'content-length': '99',
      te: 'trailers',
      'x-two': '2',
    };
    await client.fetch('/', { method: 'POST', headers, body: 'hello' });
    const [seen] = upstream.requests;
    expect(seen?.headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      'content-length': '5',
      'x-two': '2',
    });
    expect(seen?.headers).not.toHaveProperty('x-one');
    expect(seen?.headers).not.toHaveProperty('te');
    expect(seen?.body).toBe('hello');
  });

  test('streams its body', async () => {
    const bytes = randomBytes(2 * MIB);
    let received: Buffer | undefined;
    await using upstream = await startServer(async (req, res) => {
      received = Buffer.concat(await req.toArray());
      res.end();
    });
    await using client = clientOf(upstream.url);
    const body = new Blob([bytes]).stream();
    await client.fetch('/', { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(received?.equals(bytes)).toBe(true);
  });

  test('sends a form as a server reads it', async () => {
    await using upstream = await startServer();
    await using client = clientOf(upstream.url);
    const form = new FormData();
    form.set('name', 'Ada');
    form.set('file', new Blob(['hello']), 'a.txt');
    await client.fetch('/', { method: 'POST', body: form });
    const [seen] = upstream.requests;
    const parsed = await new Response(seen?.body, {
      headers: { 'content-type': seen?.headers['content-type'] ?? '' },
    }).formData();
    expect(parsed.get('name')).toBe('Ada');
    expect(await (parsed.get('file') as File).text()).toBe('hello');
  });

  test('of a Request that holds its body is resent like any other', async () => {
    await using upstream = await startServer((_req, res) => {
      res.writeHead(upstream.requests.length < 3 ? 503 : 200).end();
    });
    await using client = clientOf(upstream.url, { retry: { backoff: { baseDelayMs: 1 } } });
    const response = await client.fetch(new Request('http://users/', { method: 'PUT', body: 'hello' }));
    expect(response.status).toBe(200);
    await upstream.idle();
    expect(upstream.requests.map(({ body }) => body)).toEqual(['hello', 'hello', 'hello']);
  });
});

describe('redirects', () => {
  test('are followed, refused or handed back as init asks', async () => {
    await using upstream = await startServer((req, res) => {
      if (req.url === '/a') res.writeHead(302, { location: '/b' }).end();
      else res.end('there');
    });
    await using client = clientOf(upstream.url);
    const followed = await client.fetch('/a', { redirect: 'follow' });
    expect([followed.status, followed.url, await followed.text()]).toEqual([
      200,
      `${upstream.url}/b`,
      'there',
    ]);
    await expect(client.fetch('/a', { redirect: 'error' })).rejects.toThrow(TypeError);
    expect((await client.fetch('/a', { redirect: 'manual' })).status).toBe(302);
    expect((await client.fetch('/a')).status).toBe(302);
    expect((await client.fetch(new Request('http://users/a'))).status).toBe(302);
  });
});

describe('an abort', () => {
  test('before, during and after the head rejects with the reason and closes the upstream', async () => {
    await using upstream = await startServer((req, res) => {
      if (req.url === '/body') res.writeHead(200).write('hello');
    });
    await using client = clientOf(upstream.url);
    const reason = new Error('enough');
    const leaks = await watchLeaks([upstream]);
    await expect(client.fetch('/', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const first = new AbortController();
    const pending = client.fetch('/silent', { signal: first.signal });
    await upstream.received();
    first.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await upstream.drained();
    const second = new AbortController();
    const response = await client.fetch('/body', { signal: second.signal });
    const text = response.text();
    second.abort(reason);
    await expect(text).rejects.toBe(reason);
    await upstream.drained();
    await leaks.verify([first.signal, second.signal]);
  });
});

test('what is below a status rejects with an error of ours', async () => {
  await using client = clientOf(`http://127.0.0.1:${await refusedPort()}`);
  await expect(client.fetch('/')).rejects.toMatchObject({ code: 'ERR_NETWORK', phase: 'connect' });
});
