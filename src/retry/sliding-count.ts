/** More make the window's edge sharper, fewer the counter smaller. */
const SLOTS = 20;
/** A window covers `SLOTS` slots and parts of one more; another is spare for rounding. */
const RING = SLOTS + 2;

/**
 * Counts what happened within the last `windowMs`, in constant memory and without a timer.
 *
 * A slot holds many moments and leaves the window as a whole: with `expiry: 'first'` when its first moment does
 * (never counts too many), with `'last'` when its last one does (never too few).
 */
export class SlidingCount {
  readonly #windowMs: number;
  readonly #expiry: 'first' | 'last';
  readonly #slots = new Float64Array(RING).fill(Number.NEGATIVE_INFINITY);
  readonly #counts = new Float64Array(RING);
  /** The moment at which a slot leaves the window. */
  readonly #expiresAt = new Float64Array(RING);

  constructor(windowMs: number, expiry: 'first' | 'last') {
    this.#windowMs = windowMs;
    this.#expiry = expiry;
  }

  /** Counts one at `nowMs`, which never goes back. */
  add(nowMs: number): void {
    const slot = Math.floor((nowMs * SLOTS) / this.#windowMs);
    const index = ((slot % RING) + RING) % RING;
    if (this.#slots[index] !== slot) {
      this.#slots[index] = slot;
      this.#counts[index] = 0;
      this.#expiresAt[index] = nowMs + this.#windowMs;
    } else if (this.#expiry === 'last') {
      this.#expiresAt[index] = nowMs + this.#windowMs;
    }
    this.#counts[index]! += 1;
  }

  /** How many are within the window that ends at `nowMs`. */
  total(nowMs: number): number {
    let total = 0;
    for (let index = 0; index < RING; index++) {
      if (this.#expiresAt[index]! > nowMs) total += this.#counts[index]!;
    }
    return total;
  }
}
