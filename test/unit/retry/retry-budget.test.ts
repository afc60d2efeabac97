import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResolvedBudget } from '../../../src/options/resolved-options.ts';
import { RetryBudget } from '../../../src/retry/retry-budget.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const settings: ResolvedBudget = { ratio: 0.2, minRetriesPerSecond: 0, windowMs: 10_000 };

function budgetOf(overrides: Partial<ResolvedBudget> = {}) {
  const clock = new ManualClock();
  return { clock, budget: new RetryBudget({ ...settings, ...overrides }, clock) };
}

function deposit(budget: RetryBudget, calls: number): void {
  for (let call = 0; call < calls; call++) budget.deposit();
}

/** How many resends it grants in a row. */
function drain(budget: RetryBudget, limit = 10_000): number {
  let granted = 0;
  while (granted < limit && budget.withdraw()) granted++;
  return granted;
}

/** The budget's promise, kept the slow way: every moment is remembered, and each grant checked against its window. */
class BudgetLog {
  readonly #settings: ResolvedBudget;
  readonly #calls: number[] = [];
  readonly #grants: number[] = [];

  constructor(settings: ResolvedBudget) {
    this.#settings = settings;
  }

  call(now: number): void {
    this.#calls.push(now);
  }

  resend(now: number, granted: boolean): void {
    if (!granted) return;
    this.#grants.push(now);
    const { ratio, minRetriesPerSecond, windowMs } = this.#settings;
    const within = (moments: number[]) => moments.filter(moment => moment > now - windowMs).length;
    const bound = ratio * within(this.#calls) + (minRetriesPerSecond * windowMs) / 1000;
    expect(within(this.#grants)).toBeLessThanOrEqual(bound + 1e-6);
  }
}

describe('RetryBudget', () => {
  test('grants its share of the calls', () => {
    const { budget } = budgetOf();
    deposit(budget, 50);
    expect(drain(budget)).toBe(10);
  });

  test('grants a whole share in spite of rounding', () => {
    const { budget } = budgetOf({ ratio: 0.29 });
    deposit(budget, 100);
    expect(drain(budget)).toBe(29);
  });

  test('grants the floor from the start, without any call', () => {
    const { budget } = budgetOf({ minRetriesPerSecond: 1 });
    expect(drain(budget)).toBe(10);
  });

  test('adds the floor to the share', () => {
    const { budget } = budgetOf({ minRetriesPerSecond: 1 });
    deposit(budget, 50);
    expect(drain(budget)).toBe(20);
  });

  test('grants nothing with ratio and floor 0', () => {
    const { budget } = budgetOf({ ratio: 0 });
    deposit(budget, 1000);
    expect(drain(budget)).toBe(0);
  });

  test('refills the floor when the window has passed, not sooner', () => {
    const { budget, clock } = budgetOf({ minRetriesPerSecond: 1 });
    drain(budget);
    clock.advanceSync(9999);
    expect(drain(budget)).toBe(0);
    clock.advanceSync(1);
    expect(drain(budget)).toBe(10);
  });

  test('forgets calls that have left the window', () => {
    const { budget, clock } = budgetOf();
    deposit(budget, 50);
    clock.advanceSync(9999);
    expect(budget.canWithdraw()).toBe(true);
    clock.advanceSync(1);
    expect(budget.canWithdraw()).toBe(false);
  });

  test('forgets resends that came close together when the last of them has left the window', () => {
    const { budget, clock } = budgetOf({ minRetriesPerSecond: 0.2 });
    expect(budget.withdraw()).toBe(true);
    clock.advanceSync(400);
    expect(budget.withdraw()).toBe(true);
    clock.advanceSync(9999);
    expect(drain(budget)).toBe(0);
    clock.advanceSync(1);
    expect(drain(budget)).toBe(2);
  });

  test('keeps counting over several windows and a long silence', () => {
    const { budget, clock } = budgetOf({ ratio: 0.5 });
    for (const pause of [0, 10_000, 123_456, 9_999_999]) {
      clock.advanceSync(pause);
      deposit(budget, 10);
      expect(drain(budget)).toBe(5);
    }
  });

  test('takes nothing when it only looks', () => {
    const { budget } = budgetOf();
    deposit(budget, 5);
    for (let look = 0; look < 10; look++) expect(budget.canWithdraw()).toBe(true);
    expect(drain(budget)).toBe(1);
  });

  test('holds no timer', () => {
    const { budget, clock } = budgetOf();
    deposit(budget, 50);
    drain(budget);
    expect(clock.pending).toBe(0);
  });

  test('works from any start of the clock', () => {
    let monotonic = -123_456.789;
    const budget = new RetryBudget(settings, { monotonic: () => monotonic });
    deposit(budget, 10);
    monotonic += 5000;
    expect(drain(budget)).toBe(2);
    monotonic += 200_000;
    deposit(budget, 10);
    expect(drain(budget)).toBe(2);
  });

  test('gives a steady stream of calls nearly its whole share', () => {
    const { budget, clock } = budgetOf();
    let granted = 0;
    for (let call = 0; call < 10_000; call++) {
      clock.advanceSync(10);
      budget.deposit();
      if (budget.withdraw()) granted++;
    }
    expect(granted).toBeGreaterThan(10_000 * 0.2 * 0.94);
    expect(granted).toBeLessThanOrEqual(10_000 * 0.2);
  });

  test('never grants more than its bound in the window that ends at any grant', () => {
    const anyBudget = fc.record({
      ratio: fc.constantFrom(0, 0.1, 0.2, 0.5, 1, 3),
      minRetriesPerSecond: fc.constantFrom(0, 0.5, 1, 7),
      windowMs: fc.constantFrom(7, 100, 1000, 10_000),
    });
    const step = fc.record({
      kind: fc.constantFrom('deposit', 'withdraw'),
      times: fc.integer({ min: 1, max: 12 }),
      // Thousandths of the window, so that steps fall within a slot, beside it, and beyond the window.
      pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 2500 })),
    });
    fc.assert(
      fc.property(anyBudget, fc.array(step, { maxLength: 80 }), (settings, steps) => {
        const clock = new ManualClock();
        const budget = new RetryBudget(settings, clock);
        const log = new BudgetLog(settings);
        const act = {
          deposit: () => {
            budget.deposit();
            log.call(clock.monotonic());
          },
          withdraw: () => log.resend(clock.monotonic(), budget.withdraw()),
        };
        for (const { kind, times, pause } of steps) {
          clock.advanceSync((pause * settings.windowMs) / 1000);
          for (let time = 0; time < times; time++) act[kind]();
        }
      }),
      { numRuns: 400 },
    );
  });

  test('never grants more than its bound over a whole run', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 200 }),
        fc.integer({ min: 0, max: 300 }),
        (steps, gap) => {
          const { budget, clock } = budgetOf();
          let calls = 0;
          let granted = 0;
          for (const isCall of steps) {
            clock.advanceSync(gap);
            if (isCall) {
              budget.deposit();
              calls++;
            } else if (budget.withdraw()) granted++;
            expect(granted).toBeLessThanOrEqual(calls * settings.ratio + 1e-6);
          }
        },
      ),
    );
  });
});
