import { isServiceClientError } from '../errors/is-service-client-error.ts';
import { NetworkError } from '../errors/network-error.ts';
import { StatusError } from '../errors/status-error.ts';
import type { RetryContext } from '../options/client-options.ts';
import type { ResolvedRetry } from '../options/resolved-options.ts';
import { askShouldRetry } from './ask-should-retry.ts';
import type { RetryDecision, RetryRefusal } from './attempt-record.ts';
import { backoffDelay } from './backoff.ts';
import { asksForRetry, classifyFailure } from './classify-failure.ts';
import { retryAfterMs } from './retry-after.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Everything a decision depends on. */
export interface RetryFacts {
  /** What the attempt failed with. */
  readonly error: unknown;
  readonly retry: ResolvedRetry | false;
  /** The method, `idempotent` or an idempotency key allows resending. */
  readonly resendable: boolean;
  /** The body can be sent again. */
  readonly replayable: boolean;
  /** The failed attempt's number, as in the decision log. */
  readonly attempt: number;
  /** Attempts so far, the failed one included, outside free replacements and auth resends. */
  readonly attemptsCounted: number;
  /** A stale connection was replaced in this call already. */
  readonly freeReplacementUsed: boolean;
  /** There is `auth`, and this call has not refreshed it yet. */
  readonly authRefresh: boolean;
  /** To the deadline; `undefined` without one. */
  readonly remainingMs: number | undefined;
  /** `undefined` without one. */
  readonly budget: RetryBudget | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly random: () => number;
  /** There is an endpoint that this call has not tried. */
  readonly hasOtherEndpoint: boolean;
  /** Why no endpoint would take the attempt after that wait. */
  readonly obstacle: (delayMs: number) => 'circuit-open' | 'no-endpoint' | undefined;
  readonly service: string;
  readonly method: string;
  readonly route: string | undefined;
}

/** A resend that is part of one attempt rather than a retry: on a fresh connection, with a fresh credential. */
export type FreeResend = 'stale-connection' | 'auth';

export interface RetryVerdict {
  readonly decision: RetryDecision;
  /** Set when the resend counts neither against `maxAttempts` nor the budget. */
  readonly free?: FreeResend;
}

/**
 * Decides what follows a failed attempt. Takes a token from the budget when, and only when, the answer is a resend that costs one.
 *
 * Whether the failure may be resent at all comes first, then attempts, `Retry-After`, endpoints, time; the budget is last, so that
 * no token is spent on a resend that does not happen.
 */
export function decideRetry(facts: RetryFacts): RetryVerdict {
  const free = freeResend(facts);
  if (free !== undefined) return decideFreeResend(facts, free);
  const { retry, budget } = facts;
  if (retry === false || !facts.replayable) return refuse('not-retryable');

  const failure = classifyFailure(facts.error, retry, facts.nowMs);
  if (failure.resend === 'nothing') return refuse(failure.refused);
  const willRetry = failure.resend === 'anything' || (failure.resend === 'repeatable' && facts.resendable);
  if (!willRetry && retry.shouldRetry === undefined) return refuse('not-retryable');

  const planned = planResend(facts, retry, failure.elsewhere);
  if ('refused' in planned) return refuse(willRetry ? planned.refused : 'not-retryable');
  const agreed =
    retry.shouldRetry === undefined || askShouldRetry(retry.shouldRetry, retryContext(facts, willRetry));
  if (!agreed) return refuse('not-retryable');
  // Asked again: the hook is user code and may itself have made calls.
  if (budget?.withdraw() === false) return refuse('budget-spent');
  return { decision: planned };
}

function freeResend(facts: RetryFacts): FreeResend | undefined {
  const { error, replayable } = facts;
  if (!replayable) return undefined;
  if (error instanceof StatusError) return error.status === 401 && facts.authRefresh ? 'auth' : undefined;
  const staleConnection = error instanceof NetworkError && error.staleConnection;
  const replaces = staleConnection && facts.retry !== false && facts.resendable && !facts.freeReplacementUsed;
  return replaces ? 'stale-connection' : undefined;
}

function decideFreeResend(facts: RetryFacts, free: FreeResend): RetryVerdict {
  const obstacle = facts.obstacle(0);
  if (obstacle !== undefined) return refuse(obstacle);
  if (endsTooLate(0, facts.remainingMs)) return refuse('deadline-too-near');
  return { decision: { delayMs: 0, source: 'immediate' }, free };
}

/** The wait before the resend, or the first thing in its way. */
function planResend(facts: RetryFacts, retry: ResolvedRetry, elsewhere: boolean): RetryDecision {
  if (facts.attemptsCounted >= retry.maxAttempts) return { refused: 'attempts-spent' };
  const askedMs = requestedWait(facts);
  if (askedMs > retry.maxRetryAfterMs) return { refused: 'retry-after-too-long' };
  // The server's wait is a minimum; the jitter after it keeps those it told the same from coming back together.
  const delayMs = askedMs + backoffDelay(facts.attemptsCounted, retry.backoff, facts.random);
  if (elsewhere && !facts.hasOtherEndpoint) return { refused: 'no-endpoint' };
  const obstacle = facts.obstacle(delayMs);
  if (obstacle !== undefined) return { refused: obstacle };
  if (endsTooLate(delayMs, facts.remainingMs)) return { refused: 'deadline-too-near' };
  if (facts.budget?.canWithdraw() === false) return { refused: 'budget-spent' };
  return { delayMs, source: askedMs > 0 ? 'retry-after' : 'backoff' };
}

/** What the server asked us to wait; 0 when it asked for nothing. */
function requestedWait({ error, nowMs }: RetryFacts): number {
  if (!(error instanceof StatusError) || !asksForRetry(error.status)) return 0;
  return retryAfterMs(error.headers, nowMs) ?? 0;
}

function endsTooLate(delayMs: number, remainingMs: number | undefined): boolean {
  return remainingMs !== undefined && delayMs >= remainingMs;
}

function retryContext(facts: RetryFacts, willRetry: boolean): RetryContext {
  const { service, method, route, attempt, error } = facts;
  const reply = error instanceof StatusError ? { status: error.status, headers: error.headers } : undefined;
  const failure = isServiceClientError(error) ? { error } : undefined;
  return {
    service,
    method,
    ...(route === undefined ? {} : { route }),
    attempt,
    ...failure,
    ...reply,
    willRetry,
  };
}

function refuse(refused: RetryRefusal): RetryVerdict {
  return { decision: { refused } };
}
