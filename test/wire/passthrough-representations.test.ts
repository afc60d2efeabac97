import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { sendRaw } from '../support/raw-client.ts';
import { ask, startGateway } from './passthrough-gateway.ts';

/** What a file server says about what it sends, and a client about what it has. */

test('the conditions of a request reach the upstream as they are', async () => {
  await using upstream = await startServer();
  await using gateway = await startGateway(upstream.url, { options: { resume: true } });
  const conditions = {
    range: 'bytes=0-4, 10-',
    'if-range': '"v1"',
    'if-match': '"a", "b"',
    'if-none-match': 'W/"c"',
    'if-modified-since': 'Tue, 15 Nov 1994 08:12:31 GMT',
    'if-unmodified-since': 'Tue, 15 Nov 1994 08:12:31 GMT',
    'accept-encoding': 'gzip;q=0.5, br',
  };
  await ask(gateway.port, { headers: conditions });
  expect(upstream.requests[0]?.headers).toMatchObject(conditions);
});

describe.each([{}, { resume: true }])('with %o, an answer keeps what describes it:', options => {
  test.each<[number, Record<string, string>, string]>([
    [206, { 'content-range': 'bytes 2-6/10', etag: '"v1"', 'accept-ranges': 'bytes' }, 'hello'],
    [206, { 'content-type': 'multipart/byteranges; boundary=x', etag: '"v1"' }, '--x--'],
    [416, { 'content-range': 'bytes */10', 'content-type': 'text/plain' }, 'no'],
    [412, { etag: '"v2"' }, ''],
    [200, { 'content-encoding': 'x-own', vary: 'accept-encoding', 'content-type': 'a/b' }, 'coded'],
    [200, { 'content-disposition': 'attachment; filename="a b.txt"', 'cache-control': 'no-store' }, 'x'],
  ])('%i %o', async (status, headers, body) => {
    await using upstream = await startServer((_req, res) => res.writeHead(status, headers).end(body));
    await using gateway = await startGateway(upstream.url, { options });
    const answer = await ask(gateway.port);
    expect([answer.status, String(answer.body)]).toEqual([status, body]);
    expect(answer.headers).toMatchObject(headers);
  });
});

test.each([
  ['HEAD', 200, { 'content-length': '1234', etag: '"v1"', 'accept-ranges': 'bytes' }],
  ['HEAD', 206, { 'content-length': '5', 'content-range': 'bytes 0-4/10', etag: '"v1"' }],
  ['HEAD', 404, { 'content-length': '99' }],
  ['GET', 304, { etag: '"v1"', 'cache-control': 'max-age=60', vary: 'accept' }],
  ['GET', 304, { etag: '"v1"', 'content-length': '1234' }],
])('a %s answered %i %o has its headers and no body', async (method, status, headers) => {
  await using upstream = await startServer((_req, res) => res.writeHead(status, headers).end());
  await using gateway = await startGateway(upstream.url, { options: { resume: true } });
  const { text } = await sendRaw(
    gateway.port,
    `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  for (const [name, value] of Object.entries(headers)) expect(text).toContain(`${name}: ${value}\r\n`);
  expect(text).toMatch(/\r\n\r\n$/);
  expect(text).not.toMatch(/transfer-encoding/i);
  expect(await gateway.result()).toMatchObject({ status, bytesSent: 0, bytesPerSecond: 0, resumes: 0 });
});

test('the throughput of an answer is told', async () => {
  await using upstream = await startServer((_req, res) => {
    res.writeHead(200, { 'content-length': 1000 });
    res.write(Buffer.alloc(500));
    setTimeout(() => res.end(Buffer.alloc(500)), 300);
  });
  await using gateway = await startGateway(upstream.url);
  await ask(gateway.port);
  const { bytesPerSecond, durationMs } = await gateway.result();
  expect(bytesPerSecond).toBeGreaterThanOrEqual(Math.floor(1_000_000 / durationMs));
  expect(bytesPerSecond).toBeLessThan(100_000);
});
