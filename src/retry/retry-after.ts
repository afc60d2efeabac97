import { parseHttpDate } from '../time/http-date.ts';
import type { ResponseHeaders } from '../transport/transport.ts';

/**
 * How long a response asks us to wait, in milliseconds (RFC 9110, 10.2.3): a number of seconds or a date.
 *
 * A date is measured against the response's own `Date`, since the server's clock may be off; against `nowMs` without one.
 * 0, or a date that has passed, is 0: the normal backoff. Anything that does not parse counts as absent.
 */
export function retryAfterMs(headers: ResponseHeaders, nowMs: number): number | undefined {
  const value = single(headers['retry-after']);
  if (value === undefined) return undefined;
  // Clamped, since a long enough row of digits is infinite.
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  const until = parseHttpDate(value, nowMs);
  if (until === undefined) return undefined;
  const date = single(headers.date);
  const from = (date === undefined ? undefined : parseHttpDate(date, nowMs)) ?? nowMs;
  return Math.max(0, until - from);
}

function single(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim();
}
