import type { ResolvedBackoff } from '../options/resolved-options.ts';

/**
 * How long to wait before a retry, in milliseconds: exponential, capped, with jitter.
 *
 * `full` draws from 0..d, so that callers who failed together do not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); `equal` from d/2..d; `none` waits d.
 *
 * @param retryNumber - 1 for the first retry
 */
export function backoffDelay(retryNumber: number, backoff: ResolvedBackoff, random: () => number): number {
  const { baseDelayMs, maxDelayMs, factor, jitter } = backoff;
  const grown = baseDelayMs * factor ** Math.max(0, retryNumber - 1);
  // A power that overflowed is infinite, times a zero base NaN: no delay grows out of zero.
  const delayMs = Number.isNaN(grown) ? 0 : Math.min(maxDelayMs, grown, Number.MAX_SAFE_INTEGER);
  if (jitter === 'none') return delayMs;
  const drawn = delayMs * clampToUnit(random());
  return jitter === 'equal' ? (delayMs + drawn) / 2 : drawn;
}

/** `random` may be the user's own: a draw outside 0..1 must not lengthen the wait past its cap. */
function clampToUnit(draw: number): number {
  return Number.isNaN(draw) ? 0 : Math.min(1, Math.max(0, draw));
}
