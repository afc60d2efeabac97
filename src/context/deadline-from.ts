import { type Clock, systemClock } from '../time/clock.ts';

/** A request's headers: Node's record or WHATWG `Headers`. */
type IncomingHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export const EXPECTED_TIMEOUT_HEADER = 'x-envoy-expected-rq-timeout-ms';

/** 24.8 days, the longest timer there is. Nobody waits that long: a larger value is a mistake, not a deadline. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Reads when the caller of an incoming request stops waiting, from `x-envoy-expected-rq-timeout-ms`.
 *
 * @param req - a `node:http`, Express, Fastify, Koa or WHATWG request: anything with `headers`
 * @param clock - where "now" comes from @defaultValue the system's clock
 * @returns epoch milliseconds; `undefined` when the header is absent, not a whole number, negative, or above 2^31-1
 * @example
 * ```ts
 * await users.get('/me', { deadline: deadlineFrom(req) });
 * ```
 */
export function deadlineFrom(
  req: { readonly headers: IncomingHeaders },
  clock: Pick<Clock, 'now'> = systemClock,
): number | undefined {
  const value = readHeader(req.headers)?.trim();
  if (value === undefined || !/^\d+$/.test(value)) return undefined;
  const timeoutMs = Number(value);
  return timeoutMs > MAX_TIMEOUT_MS ? undefined : clock.now() + timeoutMs;
}

function readHeader(headers: IncomingHeaders): string | undefined {
  if (typeof headers.get === 'function') return headers.get(EXPECTED_TIMEOUT_HEADER) ?? undefined;
  const value = (headers as Readonly<Record<string, unknown>>)[EXPECTED_TIMEOUT_HEADER];
  return typeof value === 'string' ? value : undefined;
}
