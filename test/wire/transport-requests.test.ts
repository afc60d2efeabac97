import { execFile } from 'node:child_process';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { InvalidRequestError } from '../../src/errors/invalid-request-error.ts';
import { Cancellation } from '../../src/time/cancellation.ts';
import { ca, serverPair } from '../support/certificates.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { rawResponse, startRawServer } from '../support/raw-server.ts';
import { openTransport, rejectionOf, requestTo, textOf } from '../support/transport-request.ts';

test('the headers that were given are sent, and no others but host and connection', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const headers = { 'x-one': '1', 'x-many': ['a', 'b'], 'user-agent': 'holdfast/1' };
  await textOf(await transport.send(requestTo(server.url, { headers, decompress: false })));
  const [request] = server.requests;
  expect(request?.headers).toEqual({
    'x-one': '1',
    'x-many': 'a, b',
    'user-agent': 'holdfast/1',
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
  });
});

test('without a user-agent none is made up', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  await textOf(await transport.send(requestTo(server.url)));
  expect(server.requests[0]?.headers).not.toHaveProperty('user-agent');
});

test('codings are asked for only when the body will be decoded, and never over the given ones', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  await textOf(await transport.send(requestTo(server.url)));
  await textOf(await transport.send(requestTo(server.url, { decompress: false })));
  await textOf(await transport.send(requestTo(server.url, { headers: { 'accept-encoding': 'identity' } })));
  expect(server.requests.map(request => request.headers['accept-encoding'])).toEqual([
    'gzip, deflate, br, zstd',
    undefined,
    'identity',
  ]);
});

test.each(['POST', 'PUT', 'PATCH'])('an empty %s says that it has no body', async method => {
  await using server = await startServer();
  await using transport = openTransport();
  await textOf(await transport.send(requestTo(server.url, { method })));
  expect(server.requests[0]?.headers).toMatchObject({ 'content-length': '0' });
});

test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
  'a %s can carry a body in memory',
  async method => {
    await using server = await startServer();
    await using transport = openTransport();
    const body = { kind: 'buffered', bytes: 'grün' } as const;
    await textOf(await transport.send(requestTo(server.url, { method, body })));
    expect(server.requests[0]).toMatchObject({ method, body: 'grün', headers: { 'content-length': '5' } });
  },
);

test.each(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'])(
  'a %s can carry a stream, framed with or without its length',
  async method => {
    await using server = await startServer();
    await using transport = openTransport();
    const open = () => Readable.from([Buffer.from('ab'), 'c']);
    for (const byteLength of [3, undefined]) {
      await textOf(
        await transport.send(
          requestTo(server.url, { method, body: { kind: 'replayable', open, byteLength } }),
        ),
      );
    }
    expect(server.requests).toMatchObject([
      { body: 'abc', headers: { 'content-length': '3' } },
      { body: 'abc', headers: { 'transfer-encoding': 'chunked' } },
    ]);
  },
);

test.each([200, 204, 304, 404, 500])(
  'a HEAD answered %i resolves with its headers and no body',
  async status => {
    await using server = await startServer((_req, res) =>
      res.writeHead(status, { 'content-length': '90000' }).end(),
    );
    await using transport = openTransport();
    const reply = await transport.send(requestTo(server.url, { method: 'HEAD' }));
    expect([reply.status, await textOf(reply)]).toEqual([status, '']);
  },
);

test.each(['http', 'https'])(
  'a HEAD with a body is answered without one over %s, and its connection goes on',
  async scheme => {
    const tls = scheme === 'https' ? { tls: serverPair } : {};
    await using server = await startServer((_req, res) => res.setHeader('content-length', 90_000).end(), tls);
    await using transport = openTransport({ tls: { ca } });
    const body = { kind: 'buffered', bytes: 'which of you?' } as const;
    for (const _ of [1, 2]) {
      const reply = await transport.send(requestTo(server.url, { method: 'HEAD', body }));
      expect([reply.headers['content-length'], await textOf(reply)]).toEqual(['90000', '']);
    }
    expect(server.requests).toMatchObject([{ method: 'HEAD', body: body.bytes }, { method: 'HEAD' }]);
    expect(server.connections).toBe(1);
  },
);

test('a header value that cannot be written is bad input and is not shown', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const error = await rejectionOf(
    transport.send(requestTo(server.url, { headers: { 'x-a': 'secret\r\nx-b: 1' } })),
  );
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(String((error as Error).stack)).not.toContain('secret');
  expect(server.requests).toHaveLength(0);
});

test('a redirect is handed back', async () => {
  await using server = await startServer((_req, res) =>
    res.writeHead(302, { location: '/elsewhere' }).end('moved'),
  );
  await using transport = openTransport();
  const reply = await transport.send(requestTo(server.url));
  expect([reply.status, reply.headers.location, await textOf(reply)]).toEqual([302, '/elsewhere', 'moved']);
  expect(server.requests).toHaveLength(1);
});

test('repeated set-cookie headers come as an array', async () => {
  await using server = await startServer((_req, res) =>
    res.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end(),
  );
  await using transport = openTransport();
  const reply = await transport.send(requestTo(server.url));
  expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  reply.body.discard();
});

test('other repeated headers come as one, or as their first where a list of them means nothing', async () => {
  const headers = [
    'X-Many: a',
    'X-Many: b',
    'Vary: x',
    'vary: y',
    'ETag: "1"',
    'ETag: "2"',
    'Set-Cookie: c=1',
  ];
  await using server = await startRawServer(
    `HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`,
  );
  await using transport = openTransport();
  const reply = await transport.send(requestTo(server.url));
  expect(reply.headers).toMatchObject({
    'x-many': 'a, b',
    vary: 'x, y',
    etag: '"1"',
    'set-cookie': ['c=1'],
  });
  reply.body.discard();
});

test('a 304 may tell the length of the body that it does not have', async () => {
  await using server = await startRawServer([
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n',
    rawResponse('two'),
  ]);
  await using transport = openTransport();
  const reply = await transport.send(requestTo(server.url));
  expect([reply.status, reply.headers['content-length'], await textOf(reply)]).toEqual([304, '1234', '']);
  expect(await textOf(await transport.send(requestTo(server.url)))).toBe('two');
});

test.each(['GET', 'DELETE', 'OPTIONS', 'POST'])(
  'the connection is used again after a %s with a body',
  async method => {
    await using server = await startServer();
    await using transport = openTransport();
    const body = { kind: 'buffered', bytes: '{}' } as const;
    for (let count = 0; count < 3; count++) {
      await textOf(await transport.send(requestTo(server.url, { method, body })));
    }
    expect(server.connections).toBe(1);
  },
);

test('a header that asks for a 100 first does not hold the body back', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const headers = { expect: '100-continue' };
  const body = { kind: 'buffered', bytes: 'abc' } as const;
  await textOf(await transport.send(requestTo(server.url, { method: 'POST', headers, body })));
  expect(server.requests[0]?.body).toBe('abc');
});

test('a connection is used again as soon as a body has been read', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const leaks = await watchLeaks([server]);
  for (let count = 0; count < 20; count++) await textOf(await transport.send(requestTo(server.url)));
  expect(server.connections).toBe(1);
  await leaks.verify();
});

test('a fresh connection is neither taken from the pool nor given to it', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  await textOf(await transport.send(requestTo(server.url)));
  await textOf(await transport.send(requestTo(server.url, { freshConnection: true })));
  await server.drained(1);
  await textOf(await transport.send(requestTo(server.url)));
  expect(server.requests.map(request => request.connection)).toEqual([1, 2, 1]);
});

test('requests beyond the pool wait for a socket, without time running for them', async () => {
  const release = Promise.withResolvers<void>();
  await using server = await startServer(async (_req, res) => {
    if (server.requests.length === 1) await release.promise;
    sendJson(res, {});
  });
  await using transport = openTransport({ maxSockets: 1 });
  const first = transport.send(requestTo(server.url)).then(textOf);
  await server.received();
  let sockets = 0;
  const onSocket = () => sockets++;
  const second = transport.send(requestTo(server.url, { connectMs: 20, onSocket })).then(textOf);
  await new Promise(resolve => setTimeout(resolve, 60));
  expect([sockets, server.connections]).toEqual([0, 1]);
  release.resolve();
  expect(await Promise.all([first, second])).toEqual(['{}', '{}']);
  expect([sockets, server.connections]).toEqual([1, 1]);
});

test('a request cancelled while it waits for a socket leaves the pool usable', async () => {
  const release = Promise.withResolvers<void>();
  await using server = await startServer(async (_req, res) => {
    if (server.requests.length === 1) await release.promise;
    sendJson(res, {});
  });
  await using transport = openTransport({ maxSockets: 1 });
  const first = transport.send(requestTo(server.url)).then(textOf);
  await server.received();
  const cancellation = new Cancellation();
  const waiting = rejectionOf(transport.send(requestTo(server.url, { cancellation })));
  const third = transport.send(requestTo(server.url)).then(textOf);
  cancellation.cancel('left');
  expect(await waiting).toBe('left');
  release.resolve();
  await first;
  await third;
  expect(server.requests).toHaveLength(2);
});

test('the connection used last is used next', async () => {
  await using server = await startServer();
  await using transport = openTransport();
  const requests = [1, 2, 3].map(() => transport.send(requestTo(server.url)));
  for (const reply of await Promise.all(requests)) await textOf(reply);
  const last = server.requests.length;
  for (let count = 0; count < 4; count++) await textOf(await transport.send(requestTo(server.url)));
  const used = new Set(server.requests.slice(last).map(request => request.connection));
  expect(server.connections).toBe(3);
  expect(used.size).toBe(1);
});

test('an idle connection is dropped, a slow answer is not', async () => {
  await using server = await startServer((_req, res) => setTimeout(() => sendJson(res, {}), 150));
  await using transport = openTransport({ idleTimeoutMs: 50 });
  expect(await textOf(await transport.send(requestTo(server.url)))).toBe('{}');
  const before = performance.now();
  await server.drained();
  expect(performance.now() - before).toBeLessThan(1000);
});

test('an idle connection is dropped too where the service does not say how long it keeps one', async () => {
  await using server = await startRawServer(rawResponse('x'));
  await using transport = openTransport({ idleTimeoutMs: 50 });
  await textOf(await transport.send(requestTo(server.url)));
  const before = performance.now();
  await server.drained();
  expect(performance.now() - before).toBeLessThan(1000);
});

test('closing drops idle connections at once, and those in use after their request', async () => {
  const release = Promise.withResolvers<void>();
  await using server = await startServer(async (req, res) => {
    if (req.url === '/slow') await release.promise;
    sendJson(res, {});
  });
  const transport = openTransport();
  const slow = transport.send(requestTo(`${server.url}/slow`)).then(textOf);
  await server.received();
  await textOf(await transport.send(requestTo(server.url)));
  expect(server.sockets).toBe(2);
  await transport.close();
  await server.drained(1);
  release.resolve();
  expect(await slow).toBe('{}');
  await server.drained();
});

test('the proxy variables of the environment are ignored', async () => {
  await using server = await startServer();
  await using proxy = await startServer();
  const script = `
    import { openTransport, requestTo, textOf } from ${JSON.stringify(new URL('../support/transport-request.ts', import.meta.url).href)};
    await using transport = openTransport();
    for (const freshConnection of [false, true]) await textOf(await transport.send(requestTo(process.argv[1], { freshConnection })));
  `;
  const env = {
    ...process.env,
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: proxy.url,
    http_proxy: proxy.url,
    NO_PROXY: '',
  };
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, server.url], { env });
  expect([server.requests.length, proxy.connections]).toEqual([2, 0]);
});
