/** How one probe went. */
export interface ProbeRecord {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly status?: number | undefined;
  /** What was wrong, in words. */
  readonly error?: string | undefined;
}

/** A probe and what it says of the endpoint. */
export interface ProbeOutcome {
  readonly record: ProbeRecord;
  /** `inconclusive` when it says more about us: a wrong probe path, a failing `auth`, our own event loop standing still. */
  readonly result: 'passed' | 'failed' | 'inconclusive';
  /** The error's own, where there was one. */
  readonly code?: string | undefined;
}

export type ProbeVerdict = 'unknown' | 'up' | 'down';

export interface ProbeThresholds {
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/**
 * What probes say of one endpoint. The first one that passes settles `unknown`, since there is no failure to get over;
 * after that it takes as many in a row as the thresholds say.
 */
export class ProbeState {
  /** The latest probe, counted or not. */
  last: ProbeRecord | undefined;
  readonly #thresholds: ProbeThresholds;
  #verdict: ProbeVerdict = 'unknown';
  /** Probes in a row with the same result, and which. */
  #streak = 0;
  #passing = true;

  constructor(thresholds: ProbeThresholds) {
    this.#thresholds = thresholds;
  }

  get verdict(): ProbeVerdict {
    return this.#verdict;
  }

  /** Counts a result. Returns what changed, in words, if the verdict did. */
  count(passed: boolean): string | undefined {
    this.#streak = passed === this.#passing ? this.#streak + 1 : 1;
    this.#passing = passed;
    const verdict = passed ? 'up' : 'down';
    if (verdict === this.#verdict || this.#streak < this.#needed(passed)) return undefined;
    this.#verdict = verdict;
    return `${this.#streak} ${this.#streak === 1 ? 'probe' : 'probes'} in a row ${passed ? 'passed' : 'failed'}`;
  }

  #needed(passed: boolean): number {
    const { healthyThreshold, unhealthyThreshold } = this.#thresholds;
    if (!passed) return unhealthyThreshold;
    return this.#verdict === 'unknown' ? 1 : healthyThreshold;
  }
}
