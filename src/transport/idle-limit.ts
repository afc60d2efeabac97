import type { Limit } from '../options/resolved-options.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';

/** Limits the silence of an upstream: runs only while we wait for it, so that our own slow side is never counted. */
export class IdleLimit {
  readonly #clock: Clock;
  readonly #ms: Limit;
  readonly #onExpire: (timeoutMs: number, ownStall: boolean) => void;
  #timer: Timer | undefined;
  /** When the upstream last moved while it was being timed. */
  #movedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, ms: Limit, onExpire: (timeoutMs: number, ownStall: boolean) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onExpire = onExpire;
  }

  /** It is the upstream's turn; goes on counting if it was already. */
  arm(): void {
    if (this.#ms === false || this.#timer !== undefined) return;
    this.#movedAt = Number.NEGATIVE_INFINITY;
    this.#start(this.#ms);
  }

  /** It is our turn. */
  disarm(): void {
    this.#timer?.clear();
    this.#timer = undefined;
  }

  /** The upstream moved and is still to move: counts from the start again. Chunks are many, so that the timer is left as it is. */
  rearm(): void {
    if (this.#timer !== undefined) this.#movedAt = this.#clock.monotonic();
  }

  #start(ms: number): void {
    this.#timer = startLimit(this.#clock, ms, ownStall => this.#due(ownStall));
  }

  #due(ownStall: boolean): void {
    const ms = this.#ms as number;
    const leftMs = this.#movedAt + ms - this.#clock.monotonic();
    if (leftMs > 0) this.#start(leftMs);
    else this.#onExpire(ms, ownStall);
  }
}
