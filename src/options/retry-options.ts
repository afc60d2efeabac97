import type { ServiceClientError } from '../errors/service-client-error.ts';
import type { ResponseHeaders } from '../transport/transport.ts';

/** Sets how long to wait before an attempt is resent: `min(maxDelayMs, baseDelayMs * factor ** (n - 1))` before the nth retry, then jitter. */
export interface BackoffOptions {
  /**
   * Wait before the first retry, in milliseconds, 0 to 2147483647. Must not exceed `maxDelayMs`.
   * @defaultValue 100
   */
  baseDelayMs?: number | undefined;
  /**
   * Caps every wait, in milliseconds, 0 to 2147483647.
   * @defaultValue 5000
   */
  maxDelayMs?: number | undefined;
  /**
   * Multiplies the wait from one retry to the next; 1 keeps it constant. At least 1.
   * @defaultValue 2
   */
  factor?: number | undefined;
  /**
   * Spreads the waits of many callers: `full` draws from 0 to d, `equal` from d/2 to d, `none` waits exactly d.
   * @defaultValue 'full'
   */
  jitter?: 'full' | 'equal' | 'none' | undefined;
}

/** Bounds the share of traffic that retries and hedges may add, so that an overloaded service is not kept down by them. */
export interface RetryBudgetOptions {
  /**
   * Retries allowed per call over the window, 0 to 1.
   * @defaultValue 0.2
   */
  ratio?: number | undefined;
  /**
   * Retries allowed per second whatever the traffic, 0 or more. Keep it below about 2 % of the service's rate.
   * @defaultValue 1
   */
  minRetriesPerSecond?: number | undefined;
  /**
   * How far back calls and retries are counted, in milliseconds, above 0.
   * @defaultValue 10000
   */
  windowMs?: number | undefined;
}

/** Resends attempts that failed for a passing reason and may safely be repeated. */
export interface RetryOptions {
  /**
   * Ends the call after this many attempts, the first included. A whole number, 1 to 10.
   * @defaultValue 3
   */
  maxAttempts?: number | undefined;
  /** Sets the waits between attempts. */
  backoff?: BackoffOptions | undefined;
  /**
   * Methods that are resent as they are, in any case. Others are resent only with `idempotent`, an `idempotencyKey`, or
   * when the request was provably never sent.
   * @defaultValue ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
   */
  methods?: readonly string[] | undefined;
  /**
   * Statuses that are resent, each 400 to 599.
   * @defaultValue [500, 502, 503, 504]
   */
  statusCodes?: readonly number[] | undefined;
  /**
   * Ends the call at once when the server's `Retry-After` asks for a longer wait. Milliseconds, 0 to 2147483647.
   * @defaultValue 10000
   */
  maxRetryAfterMs?: number | undefined;
  /** Bounds retries and hedges by a share of the traffic; `false` lifts the bound. One budget per client, so a call cannot set its own. */
  budget?: RetryBudgetOptions | boolean | undefined;
  /**
   * Overrules the decision on an attempt that failed: `true` resends it, `false` does not, `undefined` keeps the decision.
   * Never asked once attempts, budget or time are spent.
   * @defaultValue none
   */
  shouldRetry?: ((context: RetryContext) => boolean | undefined) | undefined;
}

/** What a call may set of `retry` for itself. */
export type CallRetryOptions = Omit<RetryOptions, 'budget'>;

/** What `retry.shouldRetry` is told of the attempt that failed. */
export interface RetryContext {
  /** The client's `name`. */
  readonly service: string;
  readonly method: string;
  /** The `route` given, else the path template if `params` were given; never the raw path. */
  readonly route?: string | undefined;
  /** Number of the attempt that failed, 1 for the first. */
  readonly attempt: number;
  /** Why it failed, where it was not a status. */
  readonly error?: ServiceClientError | undefined;
  /** The status it was answered with. */
  readonly status?: number | undefined;
  /** Headers of that answer, lower-case names. */
  readonly headers?: ResponseHeaders | undefined;
  /** The decision so far. */
  readonly willRetry: boolean;
}
