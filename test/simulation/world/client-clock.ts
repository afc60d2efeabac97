import type { Clock, Timer } from '../../../src/time/clock.ts';

/** The clock of one client: the world's time, and the client's own timers counted. */
export class ClientClock implements Clock {
  readonly #world: Clock;
  readonly #pending = new Set<Timer>();

  constructor(world: Clock) {
    this.#world = world;
  }

  /** Timers of the client that are waiting. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#world.now();
  }

  monotonic(): number {
    return this.#world.monotonic();
  }

  setTimeout(fn: (lateMs?: number) => void, ms: number): Timer {
    if (!Number.isFinite(ms)) throw new TypeError(`a timer of ${ms} milliseconds`);
    const pending = this.#pending;
    const inner = this.#world.setTimeout(lateMs => {
      pending.delete(timer);
      fn(lateMs);
    }, ms);
    const timer: Timer = {
      clear: () => {
        pending.delete(timer);
        inner.clear();
      },
      unref: () => inner.unref?.(),
    };
    pending.add(timer);
    return timer;
  }
}
