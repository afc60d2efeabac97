import CircuitBreaker from 'opossum';
import { SETTLED_SUCCESS } from './settled-outcome.ts';

const BUCKETS = 10;

/** opossum compares with `>`, the contract is `>=`. */
const EPSILON = 1e-9;

/** What every failing outcome is fired with: one for all, since a stack costs more than the report. */
const FAILED = new Error('attempt failed');

/**
 * opossum keeps a latency per outcome even with percentiles off, which grows with rate and window; nobody reads them, nor the percentiles,
 * which each bucket has a place for.
 */
const UNREAD = { latencyTimes: { push: () => undefined }, percentiles: Object.freeze({}) };

const ignore = () => undefined;

/** The action: its outcome is known before it starts. */
function settle(failed: boolean): typeof SETTLED_SUCCESS {
  if (failed) throw FAILED;
  return SETTLED_SUCCESS;
}

/** Turns opossum's buckets. An emitter, as it asks for, would be a tenth of what a window weighs, for one listener. */
class BucketRotation {
  #rotate: () => void = ignore;

  on(_event: 'rotate', listener: () => void): void {
    this.#rotate = listener;
  }

  removeListener(): void {
    this.#rotate = ignore;
  }

  listenerCount(): number {
    return this.#rotate === ignore ? 0 : 1;
  }

  turn(): void {
    this.#rotate();
  }
}

export interface WindowOptions {
  readonly failureRatio: number;
  readonly minThroughput: number;
  readonly windowMs: number;
}

/** How many attempts were counted, and how many of them failed. */
export interface WindowCounts {
  readonly failures: number;
  readonly completed: number;
}

/**
 * The outcomes of the last `windowMs`, kept by opossum, and its word on when there are too many failures.
 *
 * opossum only counts here: it is fired with outcomes that are settled already, so none of its own timing,
 * admission or half-open logic takes part. Its buckets turn by the injected clock, when the next outcome comes,
 * and start at the first outcome in an empty window: a lone outcome counts for exactly `windowMs`.
 */
export class OpossumWindow {
  readonly #options: WindowOptions;
  readonly #rotation = new BucketRotation();
  readonly #breaker: CircuitBreaker<[failed: boolean]>;
  #startedAt: number;
  /** Bucket widths since the start; the last outcome's, and the last failure's. */
  #turn = 0;
  #failureTurn = Number.NEGATIVE_INFINITY;

  /** `now` (monotonic) is the time of the first outcome. */
  constructor(options: WindowOptions, now: number) {
    this.#options = options;
    this.#startedAt = now;
    this.#breaker = new CircuitBreaker(settle, {
      name: 'holdfast',
      timeout: false,
      errorThresholdPercentage: options.failureRatio * 100 - EPSILON,
      volumeThreshold: options.minThroughput,
      rollingCountTimeout: options.windowMs,
      rollingCountBuckets: BUCKETS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: this.#rotation,
      // Never reached: an open breaker is shut down at once, the time it stays open is the circuit's.
      resetTimeout: 2 ** 31 - 1,
    });
    for (const bucket of this.#breaker.status.window) Object.assign(bucket, UNREAD);
  }

  /** Counts an outcome at `now` (monotonic). Returns the counts when they say that the circuit must open. */
  report(failed: boolean, now: number): WindowCounts | undefined {
    this.#turnTo(now);
    if (failed) this.#failureTurn = this.#turn;
    const fired = this.#breaker.fire(failed);
    if (failed) fired.catch(ignore);
    // opossum asks itself after failures only, but the success that completes `minThroughput` decides as well.
    if (!failed && this.#failureTurn > this.#turn - BUCKETS) this.#openIfDue();
    return this.#breaker.opened ? this.#count() : undefined;
  }

  /** Ends it: no timer or listener of opossum's is left. */
  shutdown(): void {
    this.#breaker.shutdown();
  }

  #turnTo(now: number): void {
    const turn = Math.floor(((now - this.#startedAt) * BUCKETS) / this.#options.windowMs);
    if (turn - this.#turn < BUCKETS) {
      this.#rotate(turn - this.#turn);
      this.#turn = turn;
    } else {
      this.#rotate(BUCKETS);
      this.#startedAt = now;
      this.#turn = 0;
      this.#failureTurn = Number.NEGATIVE_INFINITY;
    }
  }

  #rotate(turns: number): void {
    if (turns === 0) return;
    for (let index = 0; index < turns; index++) this.#rotation.turn();
    const current = this.#breaker.status.window[0];
    if (current !== undefined) Object.assign(current, UNREAD);
  }

  #openIfDue(): void {
    const { failures, completed } = this.#count();
    if (completed < this.#options.minThroughput) return;
    if ((failures / completed) * 100 > this.#options.failureRatio * 100 - EPSILON) this.#breaker.open();
  }

  /** opossum's own `stats` adds up every field there is, at ten times the cost. */
  #count(): WindowCounts {
    let failures = 0;
    let completed = 0;
    for (const bucket of this.#breaker.status.window) {
      failures += bucket.failures;
      completed += bucket.fires;
    }
    return { failures, completed };
  }
}
