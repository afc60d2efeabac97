import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EndpointInit, type EndpointPicker, ServiceClient } from '../../src/index.ts';
import { memoryBody } from '../../src/transport/memory-body.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { playOut } from './play-out.ts';

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
      for (const result of await playOut(clock, Promise.all(results))) {
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
      await playOut(clock, client.close());
    }),
    { numRuns: 80 },
  );
});
