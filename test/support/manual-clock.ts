import type { Clock, Timer } from '../../src/time/clock.ts';

/** Taken once: a test that fakes the global must not stop the clock. */
const nextTurn = setImmediate;

/** Lets every promise callback that is due run, those that they lead to included. */
export function settlePromises(): Promise<void> {
  return new Promise(resolve => nextTurn(resolve));
}

class ManualTimer implements Timer {
  readonly fn: (lateMs?: number) => void;
  /** As asked for. */
  readonly ms: number;
  /** On the monotonic scale. */
  readonly dueAt: number;
  /** Whether `unref` was called: this clock has no process to keep, so it is only recorded. */
  unreferenced = false;
  readonly #timers: Set<ManualTimer>;

  constructor(fn: (lateMs?: number) => void, ms: number, dueAt: number, timers: Set<ManualTimer>) {
    this.fn = fn;
    this.ms = ms;
    this.dueAt = dueAt;
    this.#timers = timers;
    timers.add(this);
  }

  clear(): void {
    this.#timers.delete(this);
  }

  unref(): void {
    this.unreferenced = true;
  }
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #wallStart: number;
  #elapsedMs = 0;
  /** A set keeps the order of insertion, which decides between timers due at the same time. */
  readonly #timers = new Set<ManualTimer>();

  constructor(options: { now?: number } = {}) {
    this.#wallStart = options.now ?? 1_700_000_000_000;
  }

  now(): number {
    return this.#wallStart + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimeout(fn: (lateMs?: number) => void, ms: number): Timer {
    if (Number.isNaN(ms)) throw new TypeError('a timer of NaN milliseconds');
    return new ManualTimer(fn, ms, this.#elapsedMs + Math.max(0, ms), this.#timers);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The timers waiting, the next to run first. */
  get timers(): readonly { ms: number; dueInMs: number; unreferenced: boolean }[] {
    return [...this.#timers]
      .sort((a, b) => a.dueAt - b.dueAt)
      .map(({ ms, dueAt, unreferenced }) => ({ ms, dueInMs: dueAt - this.#elapsedMs, unreferenced }));
  }

  /** Moves on by `ms`, stopping at each timer that comes due; promises settle before, between and after. */
  async advance(ms: number): Promise<void> {
    await settlePromises();
    const target = this.#elapsedMs + ms;
    for (let timer = this.#nextDue(target); timer !== undefined; timer = this.#nextDue(target)) {
      this.#run(timer);
      await settlePromises();
    }
    this.#moveTo(target);
  }

  /** The same without letting promises settle. */
  advanceSync(ms: number): void {
    const target = this.#elapsedMs + ms;
    for (let timer = this.#nextDue(target); timer !== undefined; timer = this.#nextDue(target))
      this.#run(timer);
    this.#moveTo(target);
  }

  /** Moves on to the next timer and runs it; `false` when there is none. */
  async advanceToNext(): Promise<boolean> {
    await settlePromises();
    const timer = this.#nextDue(Number.MAX_VALUE);
    if (timer === undefined) return false;
    this.#run(timer);
    await settlePromises();
    return true;
  }

  /** An event loop blocked for `ms`: time is gone first, then the timers due run, told how late they are. */
  async stall(ms: number): Promise<void> {
    await settlePromises();
    this.#moveTo(this.#elapsedMs + ms);
    for (let timer = this.#nextDue(this.#elapsedMs); timer; timer = this.#nextDue(this.#elapsedMs)) {
      this.#run(timer, this.#elapsedMs - timer.dueAt);
      await settlePromises();
    }
  }

  /** The wall clock is set by somebody: `now()` jumps, `monotonic()` and the timers do not. */
  setWallClock(now: number): void {
    this.#wallStart = now - this.#elapsedMs;
  }

  #nextDue(limit: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= limit && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }

  #run(timer: ManualTimer, lateMs?: number): void {
    this.#timers.delete(timer);
    this.#moveTo(timer.dueAt);
    timer.fn(lateMs);
  }

  /** A callback may have moved the clock itself: it never goes back. */
  #moveTo(elapsedMs: number): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
  }
}
