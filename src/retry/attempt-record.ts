/** What was decided after an attempt: when it is resent and why, or why it is not. */
export type RetryDecision =
  | {
      /** Wait before the next attempt, in milliseconds. */
      readonly delayMs: number;
      readonly source: 'backoff' | 'retry-after' | 'immediate';
    }
  | { readonly refused: RetryRefusal };

/** Why an attempt that failed was not resent. */
export type RetryRefusal =
  | 'not-retryable'
  | 'attempts-spent'
  | 'budget-spent'
  | 'deadline-too-near'
  | 'retry-after-too-long'
  | 'committed'
  | 'no-endpoint'
  | 'circuit-open';

/** One line of a call's decision log: an attempt, how it ended, and what was decided then. */
export interface AttemptRecord {
  /** 1 for the first. */
  readonly number: number;
  /** Origin plus base path. */
  readonly endpoint: string;
  readonly durationMs: number;
  readonly outcome: 'response' | 'error' | 'aborted';
  readonly status?: number;
  /** The error's own code (`ERR_…`). */
  readonly code?: string;
  readonly retry?: RetryDecision;
}
