import type { Limit } from '../options/resolved-options.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';

/** Limits the silence of an upstream: runs only while we wait for it, so that our own slow side is never counted. */
export class IdleLimit {
  readonly #clock: Clock;
  readonly #ms: Limit;
  readonly #onExpire: (timeoutMs: number, ownStall: boolean) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, ms: Limit, onExpire: (timeoutMs: number, ownStall: boolean) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onExpire = onExpire;
  }

  /** It is the upstream's turn; goes on counting if it was already. */
  arm(): void {
    const ms = this.#ms;
    if (ms === false || this.#timer !== undefined) return;
    this.#timer = startLimit(this.#clock, ms, ownStall => this.#onExpire(ms, ownStall));
  }

  /** It is our turn. */
  disarm(): void {
    this.#timer?.clear();
    this.#timer = undefined;
  }

  /** The upstream moved and is still to move: counts from the start again. */
  rearm(): void {
    if (this.#timer === undefined) return;
    this.disarm();
    this.arm();
  }
}
