import { CircuitOpenError } from '../errors/circuit-open-error.ts';
import { NetworkError } from '../errors/network-error.ts';
import { NoEndpointError } from '../errors/no-endpoint-error.ts';
import { StatusError } from '../errors/status-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import { UnhealthyError } from '../errors/unhealthy-error.ts';
import type { ResolvedRetry } from '../options/resolved-options.ts';
import type { RetryRefusal } from './attempt-record.ts';
import { retryAfterMs } from './retry-after.ts';

/** What may be resent after a failure, as far as the failure alone tells. */
export type FailureClass =
  /** Nothing, and no hook is asked. */
  | { readonly resend: 'nothing'; readonly refused: RetryRefusal }
  | {
      /** `if-asked`: what `retry.shouldRetry` says yes to; `repeatable`: calls that are safe to repeat; `anything`: any call. */
      readonly resend: 'if-asked' | 'repeatable' | 'anything';
      /** Only another endpoint can do better. */
      readonly elsewhere: boolean;
    };

const NEVER: FailureClass = { resend: 'nothing', refused: 'not-retryable' };
const IF_ASKED: FailureClass = { resend: 'if-asked', elsewhere: false };
const REPEATABLE: FailureClass = { resend: 'repeatable', elsewhere: false };
const ANYTHING: FailureClass = { resend: 'anything', elsewhere: false };

/** Sorts a failure by what may be resent after it. */
export function classifyFailure(error: unknown, retry: ResolvedRetry, nowMs: number): FailureClass {
  if (error instanceof StatusError) return classifyStatus(error, retry, nowMs);
  if (error instanceof NetworkError) return classifyNetworkFailure(error);
  if (error instanceof TimeoutError) return classifyTimeout(error);
  if (error instanceof CircuitOpenError) return { resend: 'nothing', refused: 'circuit-open' };
  if (error instanceof UnhealthyError || error instanceof NoEndpointError) {
    return { resend: 'nothing', refused: 'no-endpoint' };
  }
  // A caller's abort, bad input, a breach of the contract, a refusal of our own: the next attempt would fare no better.
  return NEVER;
}

function classifyStatus({ status, headers }: StatusError, retry: ResolvedRetry, nowMs: number): FailureClass {
  const marker = headers['x-should-retry'];
  // The upstream has spent its own retries: ours on top would multiply the load from tier to tier.
  if (marker === 'false') return NEVER;
  if (marker === 'true' || retry.statusCodes.has(status)) return REPEATABLE;
  const asksToComeBack = asksForRetry(status) && retryAfterMs(headers, nowMs) !== undefined;
  return asksToComeBack ? REPEATABLE : IF_ASKED;
}

/** `Retry-After` means "send this again" only on these two. */
export function asksForRetry(status: number): boolean {
  return status === 429 || status === 503;
}

function classifyNetworkFailure({ phase, systemCode, neverSent, sourceFailed }: NetworkError): FailureClass {
  if (phase === 'lookup' && systemCode === 'ENOTFOUND') return { resend: 'anything', elsewhere: true };
  if (neverSent) return ANYTHING;
  // A certificate that does not verify now will not verify in a second, and an upload that failed here fails again.
  if (phase === 'tls' || sourceFailed) return NEVER;
  if (phase === 'response' && systemCode?.startsWith('HPE_'))
    return { resend: 'repeatable', elsewhere: true };
  return REPEATABLE;
}

function classifyTimeout({ scope, neverSent }: TimeoutError): FailureClass {
  if (scope === 'total') return { resend: 'nothing', refused: 'deadline-too-near' };
  return neverSent ? ANYTHING : REPEATABLE;
}
