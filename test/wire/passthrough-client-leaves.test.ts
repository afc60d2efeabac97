import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { PassthroughResult } from '../../src/passthrough/passthrough.ts';
import { startServer, type TestServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { RawClient } from '../support/raw-client.ts';
import { startRawServer } from '../support/raw-server.ts';
import { type Gateway, startGateway, writeUntilFull } from './passthrough-gateway.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
/** The aim is 100 ms; the machine that runs this may be busy with something else. */
const WITHIN_MS = 1_000;

/** Lets the client go and tells how long the upstream's connection outlived it. */
async function leave(client: RawClient, upstream: { drained(): Promise<void> }): Promise<number> {
  const before = performance.now();
  client.socket.destroy();
  await upstream.drained();
  return performance.now() - before;
}

function expectLeft(result: PassthroughResult, status: number): void {
  expect(result).toMatchObject({ status, error: { name: 'AbortError', message: 'the client disconnected' } });
}

describe('a client that leaves', () => {
  test('before the head aborts the upstream', async () => {
    await using upstream = await startServer(() => {});
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(GET);
    await upstream.received();
    expect(await leave(client, upstream)).toBeLessThan(WITHIN_MS);
    const result = await gateway.result();
    expectLeft(result, 499);
    expect(result).toMatchObject({ endpoint: upstream.url, attempts: [{ number: 1, outcome: 'aborted' }] });
  });

  test('by closing its side before the head aborts the upstream', async () => {
    await using upstream = await startServer(() => {});
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(GET);
    await upstream.received();
    client.socket.end();
    await upstream.drained();
    expectLeft(await gateway.result(), 499);
  });

  test('before the head is no failure to throw', async () => {
    await using upstream = await startServer(() => {});
    await using gateway = await startGateway(upstream.url, { options: { onError: 'throw' } });
    await using client = new RawClient(gateway.port);
    client.send(GET);
    await upstream.received();
    await leave(client, upstream);
    expectLeft(await gateway.result(), 499);
  });

  test('amid the body aborts the upstream', async () => {
    await using upstream = await startServer((_req, res) => {
      res.writeHead(200);
      res.write('hello');
    });
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(GET);
    await client.until('hello');
    expect(await leave(client, upstream)).toBeLessThan(WITHIN_MS);
    const result = await gateway.result();
    expectLeft(result, 200);
    expect(result.bytesSent).toBe(5);
  });

  test('while it is the slow one aborts the upstream', async () => {
    const full = Promise.withResolvers<void>();
    await using upstream = await startServer(async (_req, res) => {
      await writeUntilFull(res);
      full.resolve();
    });
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.socket.pause();
    client.send(GET);
    const seen = await upstream.received();
    await full.promise;
    expect(await leave(client, upstream)).toBeLessThan(WITHIN_MS);
    expect((await seen.answered).complete).toBe(false);
    expectLeft(await gateway.result(), 200);
  });

  test.each([
    ['of announced length', 'Content-Length: 1000\r\n\r\nhello'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('amid its upload %s shows the upstream a broken one', async (_name, rest) => {
    await using upstream = await startServer(() => {});
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`);
    const seen = await upstream.received();
    expect(await leave(client, upstream)).toBeLessThan(WITHIN_MS);
    expect(await seen.whole).toBe(undefined);
    expectLeft(await gateway.result(), 499);
  });

  test('by sending garbage amid its upload shows the upstream a broken one', async () => {
    await using upstream = await startServer(() => {});
    await using gateway = await startGateway(upstream.url);
    await using client = new RawClient(gateway.port);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    const seen = await upstream.received();
    client.send('zz\r\n');
    await upstream.drained();
    expect(await seen.whole).toBe(undefined);
    expect((await gateway.result()).error).toMatchObject({ name: 'AbortError' });
  });

  test('before the passthrough has begun sends nothing', async () => {
    await using upstream = await startServer();
    let gone: Promise<unknown> | undefined;
    const results: PassthroughResult[] = [];
    await using gateway = await startGateway(upstream.url);
    await using front: TestServer = await startServer(async (req, res) => {
      gone = once(res, 'close');
      await gone;
      results.push(await gateway.client.passthrough(req, res));
    });
    await using client = new RawClient(front.port);
    client.send(GET);
    await front.received();
    client.socket.destroy();
    await front.idle();
    await new Promise(resolve => setImmediate(resolve));
    expectLeft(results[0] as PassthroughResult, 499);
    expect(upstream.requests.length).toBe(0);
  });
});

test('a thousand clients that come and go leave nothing behind', async () => {
  await using upstream = await startServer((req, res) => {
    if (req.url === '/silent') return;
    res.writeHead(200);
    res.write('hello');
  });
  await using gateway = await startGateway(upstream.url);
  const leaks = await watchLeaks([upstream, gateway.server]);
  for (let round = 0; round < 20; round++) await comeAndGo(gateway, round);
  await gateway.server.drained();
  await upstream.drained();
  await leaks.verify();
});

async function comeAndGo(gateway: Gateway, round: number): Promise<void> {
  const clients = Array.from({ length: 50 }, () => new RawClient(gateway.port));
  const silent = round % 2 === 0;
  await Promise.all(
    clients.map(async client => {
      client.send(`GET /${silent ? 'silent' : 'body'} HTTP/1.1\r\nHost: a\r\n\r\n`);
      if (!silent) await client.until('hello');
    }),
  );
  if (silent) await gateway.server.received((round + 1) * 50);
  for (const client of clients) client.socket.destroy();
  await Promise.all(clients.map(client => client.ended));
}

test('a signal of the gateway ends the exchange, before and after the head', async () => {
  await using upstream = await startRawServer([
    () => {},
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
  ]);
  const reason = new Error('shutting down');
  for (const afterHead of [false, true]) {
    const controller = new AbortController();
    await using gateway = await startGateway(upstream.url, { options: { signal: controller.signal } });
    await using client = new RawClient(gateway.port);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    if (afterHead) await client.until('hello');
    else await upstream.received();
    controller.abort(reason);
    await client.ended;
    await upstream.drained();
    const { status, error } = await gateway.result();
    expect([status, error]).toEqual([afterHead ? 200 : 500, reason]);
    expect(client.text).toMatch(afterHead ? /hello$/ : /^HTTP\/1\.1 500 [\s\S]*"status":500\}$/);
  }
});
