import type { ResolvedBudget } from '../options/resolved-options.ts';
import type { Clock } from '../time/clock.ts';
import { SlidingCount } from './sliding-count.ts';

/** `0.29 * 100` is a hair under 29. */
const ROUNDING = 1e-9;

/**
 * Keeps retries and hedges a small share of the calls, so that an outage is not answered with a multiple of the load.
 *
 * Over the last `windowMs` at most `ratio` resends per call, and `minRetriesPerSecond` on top of them, so that a client
 * with few calls may retry too; that floor is there from the start, all at once.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #floor: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Each errs on the safe side: calls are forgotten early, resends late. */
  readonly #calls: SlidingCount;
  readonly #resends: SlidingCount;

  constructor(budget: ResolvedBudget, clock: Pick<Clock, 'monotonic'>) {
    this.#ratio = budget.ratio;
    this.#floor = (budget.minRetriesPerSecond * budget.windowMs) / 1000;
    this.#clock = clock;
    this.#calls = new SlidingCount(budget.windowMs, 'first');
    this.#resends = new SlidingCount(budget.windowMs, 'last');
  }

  /** Counts a call. */
  deposit(): void {
    this.#calls.add(this.#clock.monotonic());
  }

  /** Whether a resend would be granted now. */
  canWithdraw(): boolean {
    const now = this.#clock.monotonic();
    return this.#resends.total(now) + 1 <= this.#ratio * this.#calls.total(now) + this.#floor + ROUNDING;
  }

  /** Takes a resend; `false` when none is left. */
  withdraw(): boolean {
    if (!this.canWithdraw()) return false;
    this.#resends.add(this.#clock.monotonic());
    return true;
  }
}
