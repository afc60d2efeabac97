import type { Clock, Timer } from './clock.ts';

/** A timer that fires this late tells of a stall of our own event loop, not of a slow upstream. */
const STALL_MS = 100;

/** Long enough for one more round of I/O: what came in during the stall is read before the limit is judged. */
const GRACE_MS = 10;

/**
 * Calls `onExpire` once after `ms` milliseconds, unless cleared before.
 * A limit that is reached because our own event loop stood still is judged after one more round of I/O, and then says so: `ownStall`.
 */
export function startLimit(clock: Clock, ms: number, onExpire: (ownStall: boolean) => void): Timer {
  return new LimitTimer(clock, ms, onExpire);
}

class LimitTimer implements Timer {
  readonly #clock: Clock;
  readonly #onExpire: (ownStall: boolean) => void;
  #timer: Timer;

  constructor(clock: Clock, ms: number, onExpire: (ownStall: boolean) => void) {
    this.#clock = clock;
    this.#onExpire = onExpire;
    this.#timer = clock.setTimeout(lateMs => this.#due(lateMs), ms);
  }

  clear(): void {
    this.#timer.clear();
  }

  unref(): void {
    this.#timer.unref?.();
  }

  #due(lateMs = 0): void {
    if (lateMs < STALL_MS) this.#onExpire(false);
    else this.#timer = this.#clock.setTimeout(() => this.#onExpire(true), GRACE_MS);
  }
}
