import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf } from './issues-of.ts';

type Timing = Pick<ServiceClientOverrides, 'timeout' | 'retry' | 'circuitBreaker'>;
const resolve = (options: Timing) => resolveOptions({ name: 'users', baseUrl: 'http://a', ...options });
const issues = (options: Timing) => issuesOf(() => resolve(options));

describe('a value left to its default gives way', () => {
  test.each([
    [{ attemptMs: 1_000 }, { connectMs: 1_000, attemptMs: 1_000, totalMs: 30_000 }, 30_000],
    [{ totalMs: 5_000 }, { connectMs: 2_000, attemptMs: 5_000, totalMs: 5_000 }, 30_000],
    [{ totalMs: 500 }, { connectMs: 500, attemptMs: 500, totalMs: 500 }, 30_000],
    [{ attemptMs: 20_000 }, { connectMs: 2_000, attemptMs: 20_000, totalMs: 30_000 }, 40_000],
    [{ attemptMs: 60_000 }, { connectMs: 2_000, attemptMs: 60_000, totalMs: 60_000 }, 120_000],
    [{ connectMs: 10_000 }, { connectMs: 10_000, attemptMs: 10_000, totalMs: 30_000 }, 30_000],
    [{ connectMs: 50_000 }, { connectMs: 50_000, attemptMs: 50_000, totalMs: 50_000 }, 100_000],
    [{ connectMs: 1_000, totalMs: 3_000 }, { connectMs: 1_000, attemptMs: 3_000, totalMs: 3_000 }, 30_000],
    [{ attemptMs: false as const }, { connectMs: 2_000, attemptMs: false, totalMs: 30_000 }, 30_000],
    [
      { attemptMs: false as const, totalMs: 500 },
      { connectMs: 2_000, attemptMs: false, totalMs: 500 },
      30_000,
    ],
    [{ totalMs: false as const }, { connectMs: 2_000, attemptMs: 8_000, totalMs: false }, 30_000],
    [
      { totalMs: false as const, attemptMs: 90_000 },
      { connectMs: 2_000, attemptMs: 90_000, totalMs: false },
      180_000,
    ],
    [
      { connectMs: false as const, attemptMs: 100 },
      { connectMs: false, attemptMs: 100, totalMs: 30_000 },
      30_000,
    ],
  ])('timeout %j', (timeout, expected, windowMs) => {
    const resolved = resolve({ timeout });
    expect(resolved.timeout).toEqual({ ...expected, idleMs: 30_000 });
    expect(resolved.circuitBreaker).toMatchObject({ windowMs });
  });

  test('a short circuit window shortens the attempt', () => {
    const resolved = resolve({ circuitBreaker: { windowMs: 3_000 } });
    expect(resolved.timeout).toMatchObject({ connectMs: 1_500, attemptMs: 1_500, totalMs: 30_000 });
  });

  test('without a circuit the attempt has no window to fit', () => {
    const resolved = resolve({ circuitBreaker: false, timeout: { attemptMs: 25_000 } });
    expect(resolved.circuitBreaker).toBe(false);
    expect(resolved.timeout.attemptMs).toBe(25_000);
  });

  test.each([
    [{ maxDelayMs: 50 }, { baseDelayMs: 50, maxDelayMs: 50 }],
    [{ maxDelayMs: 0 }, { baseDelayMs: 0, maxDelayMs: 0 }],
    [{ baseDelayMs: 9_000 }, { baseDelayMs: 9_000, maxDelayMs: 9_000 }],
    [{ baseDelayMs: 0 }, { baseDelayMs: 0, maxDelayMs: 5_000 }],
  ])('backoff %j', (backoff, expected) => {
    expect(resolve({ retry: { backoff } }).retry).toMatchObject({ backoff: expected });
  });

  test.each([
    [{ maxOpenMs: 1_000 }, { openMs: 1_000, maxOpenMs: 1_000 }],
    [{ openMs: 90_000 }, { openMs: 90_000, maxOpenMs: 90_000 }],
  ])('open time %j', (circuitBreaker, expected) => {
    expect(resolve({ circuitBreaker }).circuitBreaker).toMatchObject(expected);
  });
});

describe('values set together contradict one another', () => {
  const breaker = (windowMs: number) => ({ circuitBreaker: { windowMs } });
  test.each<[Timing, string]>([
    [
      { timeout: { attemptMs: 6_000, totalMs: 5_000 } },
      'timeout.attemptMs: must not exceed timeout.totalMs (5000), got 6000',
    ],
    [
      { timeout: { connectMs: 2_000, attemptMs: 1_000 } },
      'timeout.connectMs: must not exceed timeout.attemptMs (1000), got 2000',
    ],
    [
      { timeout: { connectMs: 2_000, totalMs: 1_000 } },
      'timeout.connectMs: must not exceed timeout.totalMs (1000), got 2000',
    ],
    [
      { retry: { backoff: { baseDelayMs: 10, maxDelayMs: 5 } } },
      'retry.backoff.baseDelayMs: must not exceed retry.backoff.maxDelayMs (5), got 10',
    ],
    [
      { timeout: { attemptMs: 20_000 }, ...breaker(30_000) },
      'circuitBreaker.windowMs: must be at least twice timeout.attemptMs (20000), got 30000',
    ],
    [
      { timeout: { connectMs: 20_000 }, ...breaker(30_000) },
      'circuitBreaker.windowMs: must be at least twice timeout.connectMs (20000), got 30000',
    ],
    [
      { circuitBreaker: { openMs: 10, maxOpenMs: 5 } },
      'circuitBreaker.openMs: must not exceed circuitBreaker.maxOpenMs (5), got 10',
    ],
  ])('%j', (options, expected) => {
    expect(issues(options)).toEqual([expected]);
  });

  test.each<[Timing]>([
    [{ timeout: { attemptMs: 5_000, totalMs: 5_000, connectMs: 5_000 } }],
    [{ timeout: { attemptMs: 15_000 }, ...breaker(30_000) }],
    [{ retry: { backoff: { baseDelayMs: 5, maxDelayMs: 5 } } }],
    [{ timeout: { attemptMs: false, totalMs: 1_000, connectMs: 5_000 } }],
    [{ timeout: { attemptMs: false }, ...breaker(10) }],
  ])('but %j does not', options => {
    expect(issues(options)).toEqual([]);
  });

  test('all contradictions are listed', () => {
    expect(issues({ timeout: { connectMs: 9, attemptMs: 8, totalMs: 7 }, ...breaker(15) })).toHaveLength(3);
  });
});

test('whatever is set, either it contradicts itself or every rule holds and it stands as it was set', () => {
  const time = fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined });
  const timing = fc.record({ connectMs: time, attemptMs: time, totalMs: time, windowMs: time });
  fc.assert(
    fc.property(timing, ({ windowMs, ...timeout }) => {
      const options = { timeout, circuitBreaker: { windowMs } };
      if (issues(options).length > 0) return;
      const resolved = resolve(options);
      const { connectMs, attemptMs, totalMs } = resolved.timeout;
      const window = resolved.circuitBreaker === false ? 0 : resolved.circuitBreaker.windowMs;
      expect(connectMs).toBeLessThanOrEqual(Number(attemptMs));
      expect(attemptMs).toBeLessThanOrEqual(Number(totalMs));
      expect(window).toBeGreaterThanOrEqual(2 * Number(attemptMs));
      for (const [key, value] of Object.entries(timeout)) {
        if (value !== undefined) expect(resolved.timeout).toHaveProperty(key, value);
      }
      if (windowMs !== undefined) expect(window).toBe(windowMs);
    }),
    { numRuns: 500 },
  );
});
