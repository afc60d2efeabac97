import { warnOfHook } from '../errors/warn-of-hook.ts';
import type { RetryContext } from '../options/client-options.ts';
import type { ResolvedRetry } from '../options/resolved-options.ts';

type ShouldRetry = NonNullable<ResolvedRetry['shouldRetry']>;

/** Asks `retry.shouldRetry`; the decision stands when it has no opinion, or throws. */
export function askShouldRetry(hook: ShouldRetry, context: RetryContext): boolean {
  try {
    const answer: unknown = hook(context);
    if (typeof answer === 'boolean') return answer;
    if (answer === undefined) return context.willRetry;
    // An async hook comes too late to decide; its rejection must not take the process down.
    Promise.resolve(answer).catch(() => {});
    throw new TypeError('expected true, false or undefined');
  } catch (error) {
    const message = `${context.service}: retry.shouldRetry failed; the decision stands as if it were not there`;
    warnOfHook(hook, 'HOLDFAST_SHOULD_RETRY', message, error);
  }
  return context.willRetry;
}
