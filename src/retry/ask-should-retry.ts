import type { RetryContext } from '../options/client-options.ts';
import type { ResolvedRetry } from '../options/resolved-options.ts';

type ShouldRetry = NonNullable<ResolvedRetry['shouldRetry']>;

/** A hook that always throws is reported once, not at every failure. */
const reported = new WeakSet<ShouldRetry>();

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
    report(hook, context.service, error);
  }
  return context.willRetry;
}

function report(hook: ShouldRetry, service: string, error: unknown): void {
  if (reported.has(hook)) return;
  reported.add(hook);
  process.emitWarning(`${service}: retry.shouldRetry failed; the decision stands as if it were not there`, {
    code: 'HOLDFAST_SHOULD_RETRY',
    detail: error instanceof Error ? error.stack : undefined,
  });
}
