/** More make the window's edge sharper, fewer the counter smaller. */
const SLOTS = 20;
/** A window covers `SLOTS` slots and parts of one more; another is spare for rounding. */
const RING = SLOTS + 2;
const COUNTS = RING;
const EXPIRIES = 2 * RING;

/**
 * Counts what happened within the last `windowMs`, in constant memory and without a timer.
 *
 * A slot holds many moments and leaves the window as a whole: with `expiry: 'first'` when its first moment does
 * (never counts too many), with `'last'` when its last one does (never too few).
 */
export class SlidingCount {
  readonly #windowMs: number;
  readonly #expiry: 'first' | 'last';
  /** Three columns: each place's slot, its count, and the moment at which it leaves the window. Made at the first count. */
  #ring: Float64Array | undefined;

  constructor(windowMs: number, expiry: 'first' | 'last') {
    this.#windowMs = windowMs;
    this.#expiry = expiry;
  }

  /** Counts one at `nowMs`, which never goes back. */
  add(nowMs: number): void {
    const slot = Math.floor((nowMs * SLOTS) / this.#windowMs);
    const index = ((slot % RING) + RING) % RING;
    this.#ring ??= new Float64Array(3 * RING).fill(Number.NEGATIVE_INFINITY, 0, RING);
    const ring = this.#ring;
    if (ring[index] !== slot) {
      ring[index] = slot;
      ring[COUNTS + index] = 0;
      ring[EXPIRIES + index] = nowMs + this.#windowMs;
    } else if (this.#expiry === 'last') {
      ring[EXPIRIES + index] = nowMs + this.#windowMs;
    }
    ring[COUNTS + index]! += 1;
  }

  /** How many are within the window that ends at `nowMs`. */
  total(nowMs: number): number {
    const ring = this.#ring;
    if (ring === undefined) return 0;
    let total = 0;
    for (let index = 0; index < RING; index++) {
      if (ring[EXPIRIES + index]! > nowMs) total += ring[COUNTS + index]!;
    }
    return total;
  }
}
