import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import { memoryBody } from '../../src/transport/memory-body.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { playOut } from './play-out.ts';

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
      // Not asserted on the spot: what a listener throws breaks nothing.
      const excesses: object[] = [];
      client.on('call:start', () => calls.push(clock.monotonic()));
      client.on('retry:scheduled', () => {
        const now = clock.monotonic();
        retries.push(now);
        const within = (times: readonly number[]) => times.filter(at => at > now - budget.windowMs).length;
        const most = budget.ratio * within(calls) + (budget.minRetriesPerSecond * budget.windowMs) / 1_000;
        if (within(retries) > most + 1e-9) excesses.push({ at: now, retries: within(retries), most });
      });
      const results: Promise<unknown>[] = [];
      for (const { calls: count, afterMs } of waves) {
        for (let left = count; left > 0; left--) results.push(client.safe.get('/'));
        await clock.advance(afterMs);
      }
      await playOut(clock, Promise.all(results));
      expect(excesses).toEqual([]);
      // What is allowed is granted as well: the first wave fails in one window.
      const first = waves[0]?.calls ?? 0;
      const granted = budget.ratio * first + (budget.minRetriesPerSecond * budget.windowMs) / 1_000;
      const wanted = first * (maxAttempts - 1);
      expect(retries.length).toBeGreaterThanOrEqual(Math.floor(Math.min(wanted, granted) + 1e-9));
      await playOut(clock, client.close());
    }),
    { numRuns: 60 },
  );
});
