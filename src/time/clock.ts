/** A pending timer. */
export interface Timer {
  /** Cancels the timer; harmless once it has fired. */
  clear(): void;
  /** Lets the process end while the timer is pending, where the clock has a process to keep. */
  unref?(): void;
}

/**
 * Where all time in a client comes from. Give your own to test without waiting.
 *
 * `setTimeout` may tell its function how many milliseconds late it ran: that is how the system's clock
 * lets a client tell its own stalled event loop from a slow upstream. A clock that never stalls tells nothing.
 */
export interface Clock {
  /** Wall-clock time in epoch milliseconds. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back. */
  monotonic(): number;
  /** Runs `fn` once after `ms` milliseconds. */
  setTimeout(fn: (lateMs?: number) => void, ms: number): Timer;
}

/** Node fires a timer above this at once instead of late. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class SystemTimer implements Timer {
  readonly #handle: NodeJS.Timeout;

  constructor(fn: (lateMs?: number) => void, ms: number) {
    const delay = Math.min(ms, MAX_TIMER_MS);
    const due = performance.now() + delay;
    this.#handle = setTimeout(() => fn(performance.now() - due), delay);
  }

  clear(): void {
    clearTimeout(this.#handle);
  }

  unref(): void {
    this.#handle.unref();
  }
}

/** The system's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, ms) => new SystemTimer(fn, ms),
};
