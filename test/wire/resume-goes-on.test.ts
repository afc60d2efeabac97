import { describe, expect, test } from 'vitest';
import type { PassthroughResult } from '../../src/index.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { openClient } from './open-client.ts';
import { ETAG, rangesOf, startRangeServer, testContent } from './range-server.ts';

const content = testContent(300_000);
const HALF = 150_000;

async function read(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a broken body', () => {
  test('goes on at another endpoint, and its reader sees one', async () => {
    await using one = await startRangeServer(content, [{ cutAfter: HALF }]);
    await using two = await startRangeServer(content);
    await using client = openClient([one, two], { bulkhead: { maxConcurrent: 1, maxQueued: 0 } });
    const events = EventRecorder.of(client);
    const { body, completed, attempts, endpoint } = await client.stream('GET', '/', { resume: true });
    expect((await read(body)).equals(content)).toBe(true);
    expect(await completed).toMatchObject({ bytes: content.length, resumes: 1 });
    expect([rangesOf(one), rangesOf(two)]).toEqual([[undefined], [`bytes=${HALF}-`]]);
    expect(two.requests[0]?.headers['if-range']).toBe(ETAG);
    expect(endpoint).toBe(one.url);
    expect(attempts).toMatchObject([
      { number: 1, endpoint: one.url, status: 200, retry: { source: 'backoff' } },
      { number: 2, endpoint: two.url, status: 206 },
    ]);
    // How far it is is told only when it takes long.
    expect(events.names.filter(name => name !== 'stream:progress')).toEqual([
      'call:start',
      'attempt:start',
      'attempt:end',
      'call:end',
      'retry:scheduled',
      'attempt:start',
      'attempt:end',
      'stream:end',
    ]);
    expect(events.of('stream:end')).toMatchObject([
      { outcome: 'success', attempt: 2, endpoint: two.url, bytes: content.length, resumes: 1 },
    ]);
    expect(client.health().endpoints.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    // The one slot is free again.
    await read((await client.stream('GET', '/')).body);
  });

  test('goes on as often as it breaks, also before a byte of a part has come', async () => {
    const cuts = [{ cutAfter: 1 }, { cutAfter: 0 }, { cutAfter: 99_999 }, { cutAfter: 199_999 }];
    await using server = await startRangeServer(content, cuts);
    await using client = openClient(server);
    const { body, completed } = await client.stream('GET', '/', { resume: { maxResumes: 4 } });
    expect((await read(body)).equals(content)).toBe(true);
    expect((await completed).resumes).toBe(4);
    expect(rangesOf(server)).toEqual([undefined, 'bytes=1-', 'bytes=1-', 'bytes=100000-', 'bytes=299999-']);
  });

  test('goes on in turns where it breaks everywhere', async () => {
    await using one = await startRangeServer(content, [{ cutAfter: 10 }, { cutAfter: 10 }]);
    await using two = await startRangeServer(content, [{ cutAfter: 10 }, { cutAfter: 10 }]);
    await using client = openClient([one, two], {
      loadBalancing: { strategy: { pick: ([first]) => first } },
    });
    const { body } = await client.stream('GET', '/', { resume: { maxResumes: 4 } });
    expect((await read(body)).equals(content)).toBe(true);
    expect(rangesOf(one)).toEqual([undefined, 'bytes=20-', 'bytes=40-']);
    expect(rangesOf(two)).toEqual(['bytes=10-', 'bytes=30-']);
  });

  test('goes on after a silence of idleMs, too', async () => {
    await using server = await startRangeServer(content, [{ cutAfter: HALF, stall: true }]);
    await using client = openClient(server, { timeout: { idleMs: 100 } });
    const { body, attempts } = await client.stream('GET', '/', { resume: true });
    expect((await read(body)).equals(content)).toBe(true);
    expect(attempts).toHaveLength(2);
  });

  test('of a range that the caller asked for goes on within it', async () => {
    await using server = await startRangeServer(content, [{ cutAfter: 10 }, { cutAfter: 20 }]);
    await using client = openClient(server);
    const headers = { range: 'bytes=100-199', 'if-range': ETAG };
    const { status, body } = await client.stream('GET', '/', { headers, resume: true });
    expect(status).toBe(206);
    expect((await read(body)).equals(content.subarray(100, 200))).toBe(true);
    expect(rangesOf(server)).toEqual(['bytes=100-199', 'bytes=110-199', 'bytes=130-199']);
  });

  test('in chunks is whole when all of it has come, whether or not the last chunk has', async () => {
    const chunked = { headers: { 'content-length': undefined }, cutAfter: 100 };
    await using server = await startRangeServer(content, [chunked]);
    await using client = openClient(server);
    const headers = { range: 'bytes=0-99' };
    const { body } = await client.stream('GET', '/', { headers, resume: true });
    expect((await read(body)).equals(content.subarray(0, 100))).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test('does not run ahead of a reader that takes its time', async () => {
    const large = testContent(8 * 1024 * 1024);
    await using server = await startRangeServer(large, [{ cutAfter: HALF }]);
    await using client = openClient(server);
    const { body, completed } = await client.stream('GET', '/', { resume: true });
    const seen: Buffer[] = [];
    for await (const chunk of body) {
      seen.push(chunk);
      await new Promise(resolve => setImmediate(resolve));
      expect(body.readableLength).toBeLessThan(256 * 1024);
    }
    expect(Buffer.concat(seen).equals(large)).toBe(true);
    expect((await completed).resumes).toBe(1);
  });
});

test('a passthrough tells where its answer ended, and how often it was taken up', async () => {
  await using one = await startRangeServer(content, [{ cutAfter: HALF }]);
  await using two = await startRangeServer(content);
  await using client = openClient([one, two]);
  const result = Promise.withResolvers<PassthroughResult>();
  await using gateway = await startServer(async (req, res) => {
    result.resolve(await client.passthrough(req, res, { resume: true }));
  });
  const response = await fetch(gateway.url);
  expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
  expect(await result.promise).toMatchObject({
    status: 200,
    bytesSent: content.length,
    endpoint: two.url,
    resumes: 1,
  });
});

describe('what happens on the way counts as a resume and is got over:', () => {
  test('an endpoint that is gone', async () => {
    const gone = `http://127.0.0.1:${await refusedPort()}`;
    await using one = await startRangeServer(content, [{ cutAfter: HALF }]);
    await using two = await startRangeServer(content);
    await using client = openClient([one, gone, two]);
    const { body, completed, attempts } = await client.stream('GET', '/', { resume: true });
    expect((await read(body)).equals(content)).toBe(true);
    expect(attempts.map(({ endpoint }) => endpoint)).toEqual([one.url, gone, two.url]);
    expect((await completed).resumes).toBe(1);
  });

  test.each([500, 503])('a %i', async status => {
    const failing = { status, headers: { 'content-range': undefined }, body: Buffer.from('no') };
    await using server = await startRangeServer(content, [{ cutAfter: HALF }, failing, { cutAfter: 10 }]);
    await using client = openClient(server);
    const { body, completed } = await client.stream('GET', '/', { resume: true });
    expect((await read(body)).equals(content)).toBe(true);
    expect((await completed).resumes).toBe(2);
    expect(rangesOf(server).slice(1)).toEqual(['bytes=150000-', 'bytes=150000-', 'bytes=150010-']);
  });

  test('no head within attemptMs', async () => {
    await using server = await startRangeServer(content, [{ cutAfter: HALF }, { silent: true }]);
    await using client = openClient(server, { timeout: { attemptMs: 100 } });
    const { body } = await client.stream('GET', '/', { resume: true });
    expect((await read(body)).equals(content)).toBe(true);
    expect(server.requests).toHaveLength(3);
  });

  test('credentials that have expired', async () => {
    const expired = { status: 401, headers: { 'content-range': undefined, etag: undefined } };
    await using server = await startRangeServer(content, [{ cutAfter: HALF }, expired]);
    const auth = ({ refresh }: { refresh: boolean }) => (refresh ? 'Bearer new' : 'Bearer old');
    await using client = openClient(server, { auth });
    const { body } = await client.stream('GET', '/', { resume: { maxResumes: 1 } });
    expect((await read(body)).equals(content)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
  });
});

test('a resume has all the time that an attempt has, whatever the call has used up', async () => {
  await using server = await startServer(async (req, res) => {
    const rest = req.headers.range !== undefined;
    const range = { 'content-range': 'bytes 5-9/10' };
    res.writeHead(rest ? 206 : 200, { etag: ETAG, 'content-length': rest ? 5 : 10, ...(rest && range) });
    res.write('hello');
    if (rest) res.end();
    else setTimeout(() => res.destroy(), 300);
  });
  await using client = openClient(server, { timeout: { totalMs: 200 }, propagate: { deadline: true } });
  const { body } = await client.stream('GET', '/', { resume: true });
  expect(`${await read(body)}`).toBe('hellohello');
  const [first, second] = server.requests.map(({ headers }) => headers['x-envoy-expected-rq-timeout-ms']);
  expect(Number(first)).toBeGreaterThan(0);
  expect(second).toBe(undefined);
});
