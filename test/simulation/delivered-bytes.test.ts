import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isServiceClientError, ServiceClient } from '../../src/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type ReadingEnd, readStream, readWebBody } from './body-reader.ts';
import { playOut } from './play-out.ts';
import type { Answer } from './world/answer.ts';
import type { Server } from './world/server.ts';
import { SimulatedTransport } from './world/simulated-transport.ts';

const UNWATCHED = { sent: () => {}, reached: () => {}, answered: () => {}, over: () => {} };

describe('a body, in chunks of any size and broken anywhere', () => {
  const place = fc.option(fc.nat(3_000), { nil: undefined, freq: 2 });
  const plan = fc.record({
    content: fc.uint8Array({ maxLength: 3_000 }),
    sizes: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
    cuts: fc.array(place, { maxLength: 3 }),
    stallAfter: place,
    prompt: fc.boolean(),
    via: fc.constantFrom('call', 'stream', 'resumed', 'fetch'),
    pauseMs: fc.option(fc.constantFrom(1, 30), { nil: undefined }),
  });
  type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

  /** Each answer breaks at the next of the places; once there is none left, it is whole. */
  function serverOf({ content, sizes, cuts, stallAfter, prompt }: Plan): Server {
    let answers = 0;
    let chunks = 0;
    const nothing = () => {};
    return {
      url: 'http://users.test',
      onIdleClosed: [],
      connect: () => ({ afterMs: 1 }),
      opened: nothing,
      closed: nothing,
      answer(request): Answer {
        const first = Number(/^bytes=(\d+)-$/.exec(String(request.headers.range))?.[1] ?? 0);
        const bytes = content.subarray(first);
        const within = (at: number | undefined) =>
          at === undefined || bytes.length === 0 ? undefined : at % bytes.length;
        const range = { 'content-range': `bytes ${first}-${content.length - 1}/${content.length}` };
        const place = answers++;
        return {
          headMs: 1,
          failure: undefined,
          status: first === 0 ? 200 : 206,
          headers: { etag: '"v1"', 'content-length': String(bytes.length), ...(first > 0 && range) },
          content: {
            bytes,
            chunkBytes: () => sizes[chunks++ % sizes.length] as number,
            chunkMs: 1,
            prompt,
            cutAfter: within(cuts[place]),
            stallAfter: place === 0 ? within(stallAfter) : undefined,
          },
        };
      },
    };
  }

  async function deliver(client: ServiceClient, clock: ManualClock, { via, pauseMs }: Plan) {
    const received: Uint8Array[] = [];
    const ended = Promise.withResolvers<ReadingEnd>();
    const reading = {
      plan: pauseMs === undefined ? {} : { pauseMs },
      clock,
      onBytes: (bytes: Uint8Array) => void received.push(bytes),
      onEnd: ended.resolve,
    };
    if (via === 'call') {
      const { data } = await client.get<Uint8Array | undefined>('/', { responseType: 'bytes' });
      return { bytes: Buffer.from(data ?? []), whole: true };
    }
    if (via === 'fetch') {
      const { body } = await client.fetch('http://users.test/');
      void readWebBody(body as ReadableStream<Uint8Array>, reading);
    } else {
      const resume = via === 'resumed' && { resume: { maxResumes: 2 } };
      readStream((await client.stream('GET', '/', { ...resume })).body, reading);
    }
    const { whole, error } = await ended.promise;
    return { bytes: Buffer.concat(received), whole, error };
  }

  test('arrives as it was sent, or its beginning and an error: never wrong, never short', async () => {
    const seen = { whole: 0, broken: 0 };
    await fc.assert(
      fc.asyncProperty(plan, async run => {
        const clock = new ManualClock();
        const transport = new SimulatedTransport([serverOf(run)], clock, clock, UNWATCHED);
        const timeout = { idleMs: 50, attemptMs: 10_000 };
        const retry = { maxAttempts: 2, budget: false, backoff: { baseDelayMs: 1 } };
        const options = { name: 'users', baseUrl: 'http://users.test', retry, timeout } as const;
        const client = new ServiceClient({ ...options, transport, clock, random: seededRandom(1) });
        const sent = Buffer.from(run.content);
        try {
          const { bytes, whole, error } = await playOut(clock, deliver(client, clock, run));
          expect(bytes.equals(sent.subarray(0, bytes.length))).toBe(true);
          expect(whole).toBe(error === undefined);
          if (whole) expect(bytes.length).toBe(sent.length);
          else expect(isServiceClientError(error)).toBe(true);
          seen[whole ? 'whole' : 'broken']++;
        } catch (error) {
          if (!isServiceClientError(error)) throw error;
          seen.broken++;
        }
        await playOut(clock, client.close({ graceMs: 0 }));
        // What is left of a reply that nobody wants is read for a moment, to save its connection.
        await clock.advance(250);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
    // Else the property would hold for want of anything to hold for.
    expect(Math.min(seen.whole, seen.broken)).toBeGreaterThan(40);
  });
});
