import { TimeoutError } from '../errors/timeout-error.ts';
import type { Limit } from '../options/resolved-options.ts';
import type { Cancellation } from '../time/cancellation.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';

/** When a call must be over: the sooner of its total time and its own deadline, whatever it is doing then. */
export class Deadline {
  /** Set once the deadline has ended the call. */
  error: TimeoutError | undefined;
  readonly #service: string;
  readonly #clock: Clock;
  readonly #cancellation: Cancellation;
  readonly #totalMs: Limit;
  readonly #startedAt: number;
  /** On the monotonic clock: where the caller's own deadline lies. */
  readonly #fixedDue: number;
  #totalDue: number;
  #timer: Timer | undefined;
  #running = false;

  constructor(
    service: string,
    clock: Clock,
    cancellation: Cancellation,
    startedAt: number,
    totalMs: Limit,
    deadline: number | undefined,
  ) {
    this.#service = service;
    this.#clock = clock;
    this.#cancellation = cancellation;
    this.#startedAt = startedAt;
    this.#totalMs = totalMs;
    this.#totalDue = totalMs === false ? Number.POSITIVE_INFINITY : startedAt + totalMs;
    this.#fixedDue = deadline === undefined ? Number.POSITIVE_INFINITY : startedAt + (deadline - clock.now());
  }

  /** Milliseconds left, never negative; `Infinity` without a limit, and once it has been stopped: a stream is past it. */
  get remainingMs(): number {
    if (!this.#running) return Number.POSITIVE_INFINITY;
    const due = Math.min(this.#totalDue, this.#fixedDue);
    return due === Number.POSITIVE_INFINITY ? due : Math.max(0, due - this.#clock.monotonic());
  }

  /** Ends the call now if its time is over already, else when it will be. */
  start(): void {
    this.#running = true;
    if (this.remainingMs === 0) this.#expire(false);
    else this.#arm();
  }

  /** A streamed upload has begun: how long its source takes is the caller's own affair, but for a deadline. */
  pauseTotal(): void {
    this.#totalDue = Number.POSITIVE_INFINITY;
    this.#arm();
  }

  /** The upload is over: the total time runs from here. */
  restartTotal(): void {
    if (this.#totalMs !== false) this.#totalDue = this.#clock.monotonic() + this.#totalMs;
    this.#arm();
  }

  /** Ends the call if its time is over but the timer has not come to it yet, since our own event loop stood still. */
  check(): void {
    if (this.remainingMs === 0 && this.error === undefined) this.#expire(true);
  }

  stop(): void {
    this.#running = false;
    this.#timer?.clear();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer?.clear();
    const due = Math.min(this.#totalDue, this.#fixedDue);
    this.#timer =
      due === Number.POSITIVE_INFINITY || !this.#running
        ? undefined
        : startLimit(this.#clock, Math.max(0, due - this.#clock.monotonic()), ownStall =>
            this.#expire(ownStall),
          );
  }

  #expire(ownStall: boolean): void {
    const due = Math.min(this.#totalDue, this.#fixedDue);
    const timeoutMs = Math.max(0, Math.round(due - this.#startedAt));
    this.error = new TimeoutError({ service: this.#service, scope: 'total', timeoutMs, ownStall });
    this.#cancellation.cancel(this.error);
  }
}
