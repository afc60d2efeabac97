import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type EndpointInit,
  type EndpointPicker,
  isServiceClientError,
  ServiceClient,
} from '../../src/index.ts';
import { memoryBody } from '../../src/transport/memory-body.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type ReadingEnd, readStream, readWebBody } from './body-reader.ts';
import type { Answer } from './world/answer.ts';
import type { Server } from './world/server.ts';
import { SimulatedTransport } from './world/simulated-transport.ts';

const UNWATCHED = { sent: () => {}, reached: () => {}, answered: () => {}, over: () => {} };

/** Moves on until `promise` has settled; a bound keeps a hang from looking like patience. */
async function played<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  for (let turn = 0; !settled && turn < 10_000; turn++) {
    if (!(await clock.advanceToNext())) await settlePromises();
  }
  if (!settled) throw new Error('it hangs');
  return promise;
}

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
          const { bytes, whole, error } = await played(clock, deliver(client, clock, run));
          expect(bytes.equals(sent.subarray(0, bytes.length))).toBe(true);
          expect(whole).toBe(error === undefined);
          if (whole) expect(bytes.length).toBe(sent.length);
          else expect(isServiceClientError(error)).toBe(true);
          seen[whole ? 'whole' : 'broken']++;
        } catch (error) {
          if (!isServiceClientError(error)) throw error;
          seen.broken++;
        }
        await played(clock, client.close({ graceMs: 0 }));
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

test('however many calls fail at the same time, their retries stay within the budget', async () => {
  const budgets = fc.record({
    ratio: fc.constantFrom(0, 0.1, 0.25, 0.5, 1),
    minRetriesPerSecond: fc.constantFrom(0, 0.5, 1, 3),
    windowMs: fc.constantFrom(1_000, 2_000, 10_000),
  });
  const waves = fc.array(fc.record({ calls: fc.integer({ min: 1, max: 40 }), afterMs: fc.nat(1_500) }), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(budgets, waves, fc.integer({ min: 2, max: 6 }), async (budget, waves, maxAttempts) => {
      const clock = new ManualClock();
      const failing: Transport = {
        async send({ cancellation }) {
          return { status: 503, headers: {}, body: memoryBody(new Uint8Array(), cancellation) };
        },
        close: () => {},
      };
      const backoff = { baseDelayMs: 20, maxDelayMs: 50 };
      const retry = { maxAttempts, budget, backoff };
      const options = { name: 'users', baseUrl: 'http://users.test', retry, circuitBreaker: false } as const;
      const client = new ServiceClient({ ...options, transport: failing, clock, random: seededRandom(1) });
      const calls: number[] = [];
      const retries: number[] = [];
      client.on('call:start', () => calls.push(clock.monotonic()));
      client.on('retry:scheduled', () => {
        const now = clock.monotonic();
        retries.push(now);
        const within = (times: readonly number[]) => times.filter(at => at > now - budget.windowMs).length;
        const most = budget.ratio * within(calls) + (budget.minRetriesPerSecond * budget.windowMs) / 1_000;
        expect(within(retries)).toBeLessThanOrEqual(most + 1e-9);
      });
      const results: Promise<unknown>[] = [];
      for (const { calls: count, afterMs } of waves) {
        for (let left = count; left > 0; left--) results.push(client.safe.get('/'));
        await clock.advance(afterMs);
      }
      await played(clock, Promise.all(results));
      // What is allowed is granted as well: the first wave fails in one window.
      const first = waves[0]?.calls ?? 0;
      const granted = budget.ratio * first + (budget.minRetriesPerSecond * budget.windowMs) / 1_000;
      const wanted = first * (maxAttempts - 1);
      expect(retries.length).toBeGreaterThanOrEqual(Math.floor(Math.min(wanted, granted) + 1e-9));
      await played(clock, client.close());
    }),
    { numRuns: 60 },
  );
});

test('while the set of endpoints changes, every attempt goes to one that is in it', async () => {
  const url = (index: number) => `http://users-${index}.test`;
  const sets = fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 5 });
  const steps = fc.array(fc.oneof(sets, fc.constantFrom('call', 'call', 'answer')), { maxLength: 60 });
  const strategies = fc.constantFrom('peak-ewma', 'round-robin', 'random', 'least-request', 'custom');
  await fc.assert(
    fc.asyncProperty(sets, steps, strategies, fc.boolean(), async (first, steps, strategy, circuits) => {
      const clock = new ManualClock();
      let current = new Set(first.map(url));
      let tell: ((list: readonly EndpointInit[]) => void) | undefined;
      const waiting: (() => void)[] = [];
      const transport: Transport = {
        send: ({ endpoint, cancellation }) =>
          new Promise((resolve, reject) => {
            expect(current).toContain(endpoint);
            cancellation.onCancel(reject);
            const status = waiting.length % 3 === 0 ? 503 : 200;
            const body = memoryBody(new Uint8Array(), cancellation);
            waiting.push(() => resolve({ status, headers: {}, body }));
          }),
        close: () => {},
      };
      const custom: EndpointPicker = {
        pick(candidates) {
          for (const candidate of candidates) expect(current).toContain(candidate.url);
          return candidates.at(-1);
        },
      };
      const client = new ServiceClient({
        name: 'users',
        discovery: {
          async *watch(signal) {
            let next = [...current].map(String);
            signal.addEventListener('abort', () => tell?.([]));
            while (!signal.aborted) {
              yield next;
              next = (await new Promise<readonly EndpointInit[]>(resolve => {
                tell = resolve;
              })) as string[];
            }
          },
        },
        loadBalancing: { strategy: strategy === 'custom' ? custom : strategy },
        circuitBreaker: circuits && { minThroughput: 1, openMs: 1 },
        retry: { backoff: { baseDelayMs: 0 }, budget: false },
        transport,
        clock,
        random: seededRandom(1),
      } as ConstructorParameters<typeof ServiceClient>[0]);
      const results: Promise<unknown>[] = [client.safe.get('/')];
      await settlePromises();
      for (const step of steps) {
        if (step === 'call') results.push(client.safe.get('/'));
        else if (step === 'answer') waiting.shift()?.();
        else {
          current = new Set(step.map(url));
          tell?.([...current]);
        }
        await clock.advance(1);
      }
      while (waiting.length > 0) {
        waiting.shift()?.();
        await clock.advance(1);
      }
      for (const result of await played(clock, Promise.all(results))) {
        expect((result as { error?: Error }).error?.name ?? 'StatusError').toMatch(
          /^(Status|CircuitOpen)Error$/,
        );
      }
      expect(
        client
          .health()
          .endpoints.map(({ url }) => url)
          .sort(),
      ).toEqual([...current].sort());
      expect(client.health().endpoints.every(({ inFlight }) => inFlight === 0)).toBe(true);
      await played(clock, client.close());
    }),
    { numRuns: 80 },
  );
});
