import type { Clock, Timer } from './clock.ts';

/** A timer that fires this late tells of a stall of our own event loop, not of a slow upstream. */
const STALL_MS = 100;

/** The end of a limit is timed by itself, since a stall that fills the limit need not make its last moment late. */
const LAST_STRETCH_MS = 2 * STALL_MS;

/** Long enough for one more round of I/O: what came in during the stall is read before the limit is judged. */
const GRACE_MS = 10;

/**
 * Calls `onExpire` once after `ms` milliseconds, unless cleared before.
 * A limit that is reached because our own event loop stood still is judged up to 100 ms later, so that what the stall held up can
 * still come in, and then says so: `ownStall`.
 */
export function startLimit(clock: Clock, ms: number, onExpire: (ownStall: boolean) => void): Timer {
  return new LimitTimer(clock, ms, onExpire);
}

class LimitTimer implements Timer {
  readonly #clock: Clock;
  readonly #lastMs: number;
  readonly #onExpire: (ownStall: boolean) => void;
  #timer: Timer;
  #background = false;

  constructor(clock: Clock, ms: number, onExpire: (ownStall: boolean) => void) {
    this.#clock = clock;
    this.#lastMs = Math.min(LAST_STRETCH_MS, ms / 2);
    this.#onExpire = onExpire;
    this.#timer = clock.setTimeout(lateMs => this.#nearlyDue(lateMs), ms - this.#lastMs);
  }

  clear(): void {
    this.#timer.clear();
  }

  unref(): void {
    this.#background = true;
    this.#timer.unref?.();
  }

  #nearlyDue(lateMs = 0): void {
    const leftMs = Math.max(0, this.#lastMs - lateMs);
    if (lateMs < STALL_MS) this.#wait(leftMs, late => this.#due(late));
    else this.#wait(Math.min(this.#lastMs + GRACE_MS, STALL_MS), () => this.#onExpire(true));
  }

  #due(lateMs = 0): void {
    if (lateMs < STALL_MS) this.#onExpire(false);
    else this.#wait(GRACE_MS, () => this.#onExpire(true));
  }

  #wait(ms: number, fn: (lateMs?: number) => void): void {
    this.#timer = this.#clock.setTimeout(fn, ms);
    if (this.#background) this.#timer.unref?.();
  }
}
