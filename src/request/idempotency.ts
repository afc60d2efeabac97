import type { Issue } from '../errors/issue.ts';
import { DEFAULTS } from '../options/defaults.ts';
import { withGot } from '../options/describe-value.ts';
import { isHeaderValue } from '../options/header-rules.ts';
import type { CallSettings } from '../options/resolved-options.ts';
import { newUuid } from './uuid.ts';

export const IDEMPOTENCY_KEY = 'idempotency-key';

const SAFE_BY_DEFAULT: ReadonlySet<string> = new Set(DEFAULTS.retry.methods);

/**
 * The key to send with a call: the one given, or a new one for `true`. One per call, so that every attempt carries the same.
 * A key among the call's own headers counts too, and is what `true` means where there is one.
 */
export function idempotencyKey(
  given: unknown,
  header: unknown,
  random: () => number,
  issues: Issue[],
): string | undefined {
  const sent = typeof header === 'string' && header !== '' ? header : undefined;
  if (given === undefined || given === false) return sent;
  if (given === true) return sent ?? newUuid(random);
  if (given !== '' && isHeaderValue(IDEMPOTENCY_KEY, given)) return given;
  const wanted = 'expected true, or a string that a header can carry';
  issues.push({ path: 'idempotencyKey', message: withGot(wanted, given) });
  return undefined;
}

/** Whether the server may see a request of this method twice. */
export function isResendableMethod(method: string, settings: CallSettings): boolean {
  return (settings.retry === false ? SAFE_BY_DEFAULT : settings.retry.methods).has(method);
}
