import type { ServiceClientError } from '../errors/service-client-error.ts';
import { type FailurePoint, firstOfAll, translateFailure } from './translate-failure.ts';

/** Turns what got, Node or OpenSSL reported into an error of ours. */
export function translateGotError(error: unknown, at: FailurePoint): ServiceClientError {
  return translateFailure(rootCause(error), at);
}

/** got wraps what Node reports, and its wrapper holds the request's headers; the innermost says what happened. */
function rootCause(error: unknown): unknown {
  let cause = firstOfAll(error);
  while (cause instanceof Error && isGotError(cause) && cause.cause !== undefined)
    cause = firstOfAll(cause.cause);
  return cause;
}

function isGotError(error: Error): boolean {
  return 'options' in error && 'timings' in error;
}
