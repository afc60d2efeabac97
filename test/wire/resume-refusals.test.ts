import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ReplyBody, ServiceClient } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { type Download, type DownloadOptions, download, type Way } from './download.ts';
import { type ClientSettings, openClient } from './open-client.ts';
import { type RangeAnswer, rangesOf, startRangeServer, testContent } from './range-server.ts';

const content = testContent(10_000);
const HALF = 5000;
const WAYS: readonly Way[] = ['stream', 'passthrough'];
const BROKEN = { code: 'ERR_NETWORK', phase: 'body' };

interface Asked extends Partial<DownloadOptions> {
  readonly client?: ClientSettings;
}

/** Downloads from one server that answers like this, and then honestly. */
async function downloadFrom(answers: readonly RangeAnswer[], way: Way, asked: Asked = {}) {
  await using server = await startRangeServer(content, answers);
  await using client = openClient(server, { bulkhead: { maxConcurrent: 1, maxQueued: 0 }, ...asked.client });
  const { headers, resume = true } = asked;
  const result = await download(way, client, { resume, ...(headers && { headers }) });
  expect(client.health().endpoints.map(({ inFlight }) => inFlight)).toEqual([0]);
  return { ...result, ranges: rangesOf(server) };
}

/** The body failed with what broke it, and nothing wrong was handed over. */
function expectHalf({ bytes, error }: Download): void {
  expect(bytes.equals(content.subarray(0, HALF))).toBe(true);
  expect(error).toMatchObject(BROKEN);
}

describe.each(WAYS)('by %s, a body breaks for good, without another request,', way => {
  const cases: [string, RangeAnswer['headers']][] = [
    ['without an ETag', { etag: undefined }],
    ['with a weak one', { etag: 'W/"v1"' }],
    ['with one that is none', { etag: 'v1' }],
    ['with a content coding', { 'content-encoding': 'x-unknown' }],
    ['without a length', { 'content-length': undefined }],
  ];
  test.each(cases)('%s', async (_name, headers) => {
    const result = await downloadFrom([{ headers, cutAfter: HALF }], way);
    expectHalf(result);
    expect(result.ranges).toEqual([undefined]);
    expect(result.attempts).toMatchObject([{ status: 200, retry: { refused: 'committed' } }]);
  });

  test.each([
    'bytes 0-9999/*',
    'bytes 0-9999/10001, bytes 0-1/3',
    'items 0-9999/10000',
    'bytes 9999-0/10000',
    'bytes 0-9998/10000',
    'bytes 0-10000/10000',
  ])('as a partial one with a Content-Range of %s', async range => {
    const answer = { status: 206, headers: { 'content-range': range }, cutAfter: HALF };
    const result = await downloadFrom([answer], way, { headers: { range: 'bytes=0-9999' } });
    expectHalf(result);
    expect(result.attempts).toMatchObject([{ status: 206, retry: { refused: 'committed' } }]);
  });

  test.each<[string, Asked, string]>([
    ['with resume: false', { resume: false }, 'committed'],
    ['with maxResumes: 0', { resume: { maxResumes: 0 } }, 'committed'],
    ['with retry: false', { client: { retry: false } }, 'not-retryable'],
    ['against shouldRetry', { client: { retry: { shouldRetry: () => false } } }, 'not-retryable'],
    [
      'without a budget',
      { client: { retry: { budget: { ratio: 0, minRetriesPerSecond: 0, windowMs: 10_000 } } } },
      'budget-spent',
    ],
    [
      'with an open circuit',
      { client: { circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } } },
      'circuit-open',
    ],
  ])('%s', async (_name, asked, refused) => {
    const result = await downloadFrom([{ cutAfter: HALF }], way, asked);
    expectHalf(result);
    expect(result.ranges).toEqual([undefined]);
    expect(result.attempts).toMatchObject([{ retry: { refused } }]);
  });
});

describe.each(WAYS)('by %s, the rest is not taken from', way => {
  const rest = 'bytes 5000-9999/10000';
  const cases: [string, RangeAnswer][] = [
    ['the whole', { status: 200, headers: { 'content-range': undefined }, body: content }],
    [
      'a changed whole',
      { status: 200, headers: { etag: '"v2"', 'content-range': undefined }, body: content },
    ],
    ['a whole that calls itself the rest', { status: 200 }],
    ['a range of another version', { headers: { etag: '"v2"' } }],
    ['a range of a weak version', { headers: { etag: 'W/"v1"' } }],
    ['a range of no version', { headers: { etag: undefined } }],
    ['an earlier start', { headers: { 'content-range': 'bytes 4999-9999/10000' } }],
    ['a later start', { headers: { 'content-range': 'bytes 5001-9999/10000' } }],
    ['an earlier end', { headers: { 'content-range': 'bytes 5000-9998/10000' } }],
    ['a later end', { headers: { 'content-range': 'bytes 5000-10000/10001' } }],
    ['another total', { headers: { 'content-range': 'bytes 5000-9999/10001' } }],
    ['an unknown total', { headers: { 'content-range': 'bytes 5000-9999/*' } }],
    ['another unit', { headers: { 'content-range': 'items 5000-9999/10000' } }],
    ['no range at all', { headers: { 'content-range': undefined } }],
    ['several ranges', { headers: { 'content-range': undefined, 'content-type': 'multipart/byteranges' } }],
    ['another length', { headers: { 'content-range': rest }, body: content.subarray(5000, 9999) }],
    ['a coded range', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(content.subarray(HALF)) }],
    [
      'a coded range in chunks',
      { headers: { 'content-encoding': 'gzip', 'content-length': undefined }, body: gzipSync('wrong') },
    ],
    [
      'an empty answer',
      { status: 204, headers: { 'content-range': undefined, 'content-length': undefined } },
    ],
    ['a redirect', { status: 302, headers: { location: '/' } }],
    ['an unchanged one', { status: 304, headers: { 'content-length': undefined } }],
  ];
  test.each(cases)('%s', async (_name, answer) => {
    const result = await downloadFrom([{ cutAfter: HALF }, answer], way);
    expectHalf(result);
    expect(result.ranges).toEqual([undefined, 'bytes=5000-']);
    expect(result.attempts).toMatchObject([
      { retry: { source: 'backoff' } },
      { outcome: 'response', retry: { refused: 'committed' } },
    ]);
    if (way === 'passthrough') expect(result.resumes).toBe(0);
  });

  test.each([404, 412, 416])('a %i', async status => {
    const answer = { status, headers: { 'content-range': 'bytes */10000' }, body: Buffer.from('no') };
    const result = await downloadFrom([{ cutAfter: HALF }, answer], way);
    expectHalf(result);
    expect(result.attempts).toMatchObject([{}, { status, retry: { refused: expect.any(String) } }]);
  });

  test('a server that fails until its resumes are spent', async () => {
    const answer = { status: 503, body: Buffer.from('no') };
    const result = await downloadFrom([{ cutAfter: HALF }, answer, answer, answer], way, {
      resume: { maxResumes: 2 },
    });
    expectHalf(result);
    expect(result.attempts).toMatchObject([{}, {}, { status: 503, retry: { refused: 'attempts-spent' } }]);
  });

  test('a body that breaks once more than it may', async () => {
    const result = await downloadFrom([{ cutAfter: 1 }, { cutAfter: 2 }, { cutAfter: 3 }], way, {
      resume: { maxResumes: 2 },
    });
    expect(result.bytes.equals(content.subarray(0, 6))).toBe(true);
    expect(result.error).toMatchObject(BROKEN);
    expect(result.attempts).toMatchObject([{}, {}, { retry: { refused: 'attempts-spent' } }]);
    if (way === 'passthrough') expect(result.resumes).toBe(2);
  });
});

describe.each(WAYS)('by %s, a part that does not keep its word', way => {
  const headers = { 'content-length': undefined };
  const lengthFault = { ...BROKEN, systemCode: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' };

  test('and ends early is taken up like a broken one', async () => {
    const early = { headers, body: content.subarray(HALF, 7000) };
    const result = await downloadFrom([{ cutAfter: HALF }, early], way);
    expect(result.bytes.equals(content)).toBe(true);
    expect(result.ranges).toEqual([undefined, 'bytes=5000-', 'bytes=7000-']);
  });

  test('and ends early every time breaks the body', async () => {
    const early = { headers, body: content.subarray(HALF, 7000) };
    const result = await downloadFrom([{ cutAfter: HALF }, early], way, { resume: { maxResumes: 1 } });
    expect(result.bytes.equals(content.subarray(0, 7000))).toBe(true);
    expect(result.error).toMatchObject(lengthFault);
  });

  test('and goes on for too long breaks the body', async () => {
    const late = { headers, body: Buffer.concat([content.subarray(HALF), Buffer.from('more')]) };
    const result = await downloadFrom([{ cutAfter: HALF }, late], way);
    expect(result.bytes.equals(content.subarray(0, result.bytes.length))).toBe(true);
    expect(result.error).toMatchObject(lengthFault);
  });
});

describe('a body that is not what was on the wire is not taken up:', () => {
  const gzipped = gzipSync(testContent(20_000));

  test.each([200, 206])('a decoded %i', async status => {
    await using server = await startServer((_req, res) => {
      const range = status === 206 && { 'content-range': `bytes 0-${gzipped.length - 1}/${gzipped.length}` };
      res.writeHead(status, { etag: '"v1"', 'content-encoding': 'gzip', ...range });
      res.write(gzipped.subarray(0, 10_000), () => res.destroy());
    });
    await using client = openClient(server);
    const { error, attempts } = await download('stream', client, { resume: true });
    expect(error).toMatchObject(BROKEN);
    expect(attempts).toMatchObject([{ retry: { refused: 'committed' } }]);
    expect(server.requests).toHaveLength(1);
  });

  test('one that an interceptor has replaced', async () => {
    await using server = await startRangeServer(content, [{ cutAfter: HALF }]);
    await using client = new ServiceClient({
      name: 'users',
      baseUrl: server.url,
      interceptors: {
        attempt: [
          async (request, next) => {
            const { status, headers, body } = await next(request);
            const own: ReplyBody = {
              stream: onEnd => body.stream(onEnd),
              bytes: (maxBytes, truncate) => body.bytes(maxBytes, truncate),
              discard: () => body.discard(),
              trailers: () => body.trailers(),
            };
            return { status, headers, body: own };
          },
        ],
      },
    });
    expectHalf(await download('stream', client, { resume: true }));
    expect(server.requests).toHaveLength(1);
  });
});

test('a passthrough of another method is passed on as ever', async () => {
  await using server = await startRangeServer(content, [{ cutAfter: HALF }]);
  await using client = openClient(server);
  await using gateway = await startServer((req, res) => client.passthrough(req, res, { resume: true }));
  const response = await fetch(gateway.url, { method: 'DELETE' });
  await expect(response.arrayBuffer()).rejects.toThrow();
  expect(server.requests).toHaveLength(1);
});

test('a stream of another method with resume is refused', async () => {
  await using client = openClient('http://127.0.0.1:1');
  await expect(client.stream('POST', '/', { resume: true })).rejects.toMatchObject({
    code: 'ERR_INVALID_REQUEST',
  });
});
