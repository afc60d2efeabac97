import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { startServer, type TestServer } from '../support/http-server.ts';
import { download, type Way } from './download.ts';
import { openClient } from './open-client.ts';
import { answerRange, type RangeAnswer, testContent } from './range-server.ts';

const LENGTH = 70_000;
const content = testContent(LENGTH);
const MAX_RESUMES = 5;

/** Everything a server can do to a body, each wrong in its own way. */
const misbehaviour = fc.oneof(
  { weight: 6, arbitrary: fc.record({ cutAfter: fc.nat(LENGTH) }) },
  { weight: 1, arbitrary: fc.constantFrom(500, 503, 416, 404).map(status => ({ status, body: text('no') })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<RangeAnswer>(
      {},
      { status: 200, headers: { 'content-range': undefined }, body: content },
      {
        status: 200,
        headers: { etag: '"v2"', 'content-range': undefined },
        body: testContent(LENGTH).reverse(),
      },
      { headers: { etag: '"v2"' } },
      { headers: { etag: 'W/"v1"' } },
      { headers: { 'content-range': `bytes 0-${LENGTH - 1}/${LENGTH}` } },
      { headers: { 'content-range': `bytes 1-${LENGTH - 1}/*` } },
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync(content) },
      { headers: { 'content-encoding': 'gzip', 'content-length': undefined }, body: gzipSync(text('x')) },
      { headers: { 'content-length': undefined }, body: half },
      { headers: { 'content-length': undefined }, body: twice },
    ),
  },
);

const scenario = fc.record({
  answers: fc.array(misbehaviour, { minLength: 1, maxLength: 8 }),
  range: fc.option(fc.tuple(fc.nat(LENGTH - 1), fc.nat(LENGTH - 1))),
});

function half(honest: Buffer): Buffer {
  return honest.subarray(0, honest.length / 2);
}

function twice(honest: Buffer): Buffer {
  return Buffer.concat([honest, honest]);
}

function text(value: string): Buffer {
  return Buffer.from(value);
}

describe.each<Way>(['stream', 'passthrough'])('by %s', way => {
  const queues = new Map<string, RangeAnswer[]>();
  const servers: TestServer[] = [];
  let client: ServiceClient;

  beforeAll(async () => {
    for (let count = 0; count < 2; count++) {
      servers.push(
        await startServer((req, res) => {
          const answers = queues.get(String(req.headers['x-run'])) ?? [];
          answerRange(req, res, content, answers.shift() ?? {});
        }),
      );
    }
    client = openClient(servers, { circuitBreaker: false, bulkhead: { maxConcurrent: 1, maxQueued: 0 } });
  });

  afterAll(async () => {
    await client.close({ graceMs: 0 });
    for (const server of servers) await server.close();
  });

  test('what is delivered is the original, or its beginning and a failure: never wrong, never short', async () => {
    let runs = 0;
    let resumed = 0;
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ answers, range }) => {
        const run = String(++runs);
        // The first answer is good as far as it goes: what is wrong with it is no matter of resuming.
        queues.set(run, [{ cutAfter: 40_000 }, ...answers]);
        const [first, last] = range === null ? [0, LENGTH - 1] : [Math.min(...range), Math.max(...range)];
        const expected = content.subarray(first, last + 1);
        const headers = { 'x-run': run, ...(range && { range: `bytes=${first}-${last}` }) };
        const { bytes, error, attempts } = await download(way, client, {
          headers,
          resume: { maxResumes: MAX_RESUMES },
        });
        expect(bytes.equals(expected.subarray(0, bytes.length))).toBe(true);
        expect(bytes.length === expected.length).toBe(error === undefined);
        // A kept connection that turns out closed is replaced once, and that counts for no resume.
        const replaced = attempts.filter(
          ({ retry }) => retry && 'source' in retry && retry.source === 'immediate',
        );
        expect(replaced.length).toBeLessThanOrEqual(1);
        expect(attempts.length - replaced.length).toBeLessThanOrEqual(MAX_RESUMES + 1);
        expect(client.health().endpoints.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
        if (attempts.length > 1) resumed++;
        if (error === undefined) whole++;
      }),
      { numRuns: 200 },
    );
    // Else the property would hold for want of anything to hold for.
    expect([resumed > 50, whole > 20, runs - whole > 10]).toEqual([true, true, true]);
  });
});
