import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResolvedBackoff } from '../../../src/options/resolved-options.ts';
import { backoffDelay } from '../../../src/retry/backoff.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const settings: ResolvedBackoff = { baseDelayMs: 100, maxDelayMs: 5000, factor: 2, jitter: 'full' };
const highest = () => 1;

describe('backoffDelay', () => {
  test('starts at the base and grows by the factor with each retry', () => {
    const delays = [1, 2, 3, 4].map(retry => backoffDelay(retry, { ...settings, jitter: 'none' }, highest));
    expect(delays).toEqual([100, 200, 400, 800]);
  });

  test('stops growing at the cap', () => {
    expect(backoffDelay(7, { ...settings, jitter: 'none' }, highest)).toBe(5000);
    expect(backoffDelay(7, settings, highest)).toBe(5000);
  });

  test('draws the whole delay with full jitter', () => {
    expect(backoffDelay(3, settings, () => 0)).toBe(0);
    expect(backoffDelay(3, settings, () => 0.25)).toBe(100);
  });

  test('draws the upper half of the delay with equal jitter', () => {
    const equal = { ...settings, jitter: 'equal' } as const;
    expect(backoffDelay(3, equal, () => 0)).toBe(200);
    expect(backoffDelay(3, equal, () => 0.5)).toBe(300);
    expect(backoffDelay(3, equal, highest)).toBe(400);
  });

  test('spreads callers evenly with full jitter', () => {
    const random = seededRandom(7);
    const delays = Array.from({ length: 4000 }, () => backoffDelay(1, settings, random));
    const quarters = [0, 1, 2, 3].map(quarter => delays.filter(d => Math.floor(d / 25) === quarter).length);
    for (const size of quarters) expect(size).toBeGreaterThan(900);
  });

  test('draws nothing without jitter', () => {
    const random = () => expect.unreachable('drawn');
    expect(backoffDelay(1, { ...settings, jitter: 'none' }, random)).toBe(100);
  });

  test('gives no delay for a zero base, however many retries', () => {
    expect(backoffDelay(5000, { ...settings, baseDelayMs: 0, jitter: 'none' }, highest)).toBe(0);
  });

  test('stays finite when neither growth nor cap is', () => {
    const endless = { ...settings, maxDelayMs: Number.POSITIVE_INFINITY };
    expect(backoffDelay(5000, endless, highest)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('is finite and between 0 and the cap for any input', () => {
    const anyBackoff = fc.record({
      baseDelayMs: fc.double({ min: 0, noNaN: true }),
      maxDelayMs: fc.double({ min: 0, noNaN: true }),
      factor: fc.double({ min: 0, noNaN: true }),
      jitter: fc.constantFrom('full', 'equal', 'none'),
    });
    fc.assert(
      fc.property(fc.integer(), anyBackoff, fc.double(), (retry, backoff, draw) => {
        const delay = backoffDelay(retry, backoff, () => draw);
        expect(Number.isFinite(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(backoff.maxDelayMs);
      }),
    );
  });
});
