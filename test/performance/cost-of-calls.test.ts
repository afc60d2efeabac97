import { beforeAll, describe, expect, test } from 'vitest';
import { runMeasurement } from './run-measurement.ts';

/**
 * Bounds are to what got takes, or to a fixed piece of work, in the same process: they hold on any machine. Heap is steady to a percent,
 * processor time to a quarter; each bound leaves room for that and little more, so that what is lost by accident is seen.
 */
describe('heap taken by a call', () => {
  let bytes: Record<'got' | 'overGot' | 'overUndici' | 'pipeline', number>;
  beforeAll(async () => {
    const youngMegabytes = 128;
    bytes = await runMeasurement('allocation', [
      `--min-semi-space-size=${youngMegabytes}`,
      `--max-semi-space-size=${youngMegabytes}`,
    ]);
  }, 60_000);

  test.each([
    ['over got', 'overGot', 0.82],
    ['over undici', 'overUndici', 0.24],
    ['over a transport that answers at once', 'pipeline', 0.115],
  ] as const)('%s stays in proportion to bare got', (_, contestant, most) => {
    expect(bytes[contestant] / bytes.got).toBeLessThan(most);
  });
});

test('of what a call over got takes, next to nothing is carried from one young collection to the next', async () => {
  const { share, collections } = await runMeasurement<{ share: number; collections: number }>('survival');
  expect(collections).toBeGreaterThan(3);
  expect(share).toBeLessThan(0.1);
}, 60_000);

describe('processor time', () => {
  let ratios: Record<'overGot' | 'pipeline' | 'refusal', number>;
  beforeAll(async () => {
    ratios = await runMeasurement('processor-time');
  }, 60_000);

  test('of a call over got stays in proportion to bare got', () => {
    expect(ratios.overGot).toBeLessThan(1.25);
  });

  test('of the pipeline stays in proportion to a fixed piece of work', () => {
    expect(ratios.pipeline).toBeLessThan(5.5);
  });

  test('of a refusal by an open circuit stays in proportion to a fixed piece of work', () => {
    expect(ratios.refusal).toBeLessThan(2.2);
  });
});

describe('made for a call', () => {
  type Made = Record<'promises' | 'timers' | 'listeners' | 'abortControllers' | 'errors' | 'stacks', number>;
  let made: Record<'got' | 'overGot' | 'overUndici' | 'pipeline' | 'refusal', Made>;
  beforeAll(async () => {
    made = await runMeasurement('things-made');
  }, 60_000);

  test('are no signals and no errors while all is well', () => {
    for (const contestant of ['overGot', 'overUndici', 'pipeline'] as const) {
      expect(made[contestant]).toMatchObject({ abortControllers: 0, errors: 0, stacks: 0 });
    }
  });

  test('are few promises and timers, and no listeners but those of got', () => {
    const most = { pipeline: [16, 1], overUndici: [16, 2], overGot: [32, 4] } as const;
    for (const [contestant, [promises, timers]] of Object.entries(most)) {
      const { promises: madePromises, timers: madeTimers } = made[contestant as keyof typeof most];
      expect(madePromises, contestant).toBeLessThanOrEqual(promises);
      expect(madeTimers, contestant).toBeLessThanOrEqual(timers);
    }
    expect(made.pipeline.listeners + made.overUndici.listeners).toBe(0);
    expect(made.overGot.listeners).toBeLessThanOrEqual(made.got.listeners);
  });

  test('of a refusal are its error, without a stack, and a handful of promises', () => {
    expect(made.refusal).toMatchObject({
      timers: 0,
      listeners: 0,
      abortControllers: 0,
      errors: 1,
      stacks: 0,
    });
    expect(made.refusal.promises).toBeLessThanOrEqual(6);
  });
});
