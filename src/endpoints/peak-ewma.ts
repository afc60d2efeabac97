/** After this long without news, what is known counts for a third. */
const DECAY_MS = 10_000;

/**
 * Latency that jumps up with the worst seen and comes down slowly (peak-EWMA, as in Finagle and tower): a slow endpoint
 * is noticed at its first slow answer and forgiven bit by bit.
 */
export class PeakEwma {
  #value = 0;
  #updatedAt = 0;
  #known = false;

  /** Whether anything was observed. */
  get known(): boolean {
    return this.#known;
  }

  /** As of the last observation, in milliseconds. */
  get latest(): number {
    return this.#value;
  }

  /** Decayed to `now` (monotonic), in milliseconds: an endpoint that was slow a while ago is worth another try. */
  at(now: number): number {
    return this.#value * this.#weightAt(now);
  }

  observe(latencyMs: number, now: number): void {
    const old = this.#weightAt(now);
    this.#value =
      !this.#known || latencyMs > this.#value ? latencyMs : this.#value * old + latencyMs * (1 - old);
    this.#updatedAt = now;
    this.#known = true;
  }

  forget(): void {
    this.#value = 0;
    this.#known = false;
  }

  #weightAt(now: number): number {
    return Math.exp((this.#updatedAt - now) / DECAY_MS);
  }
}
