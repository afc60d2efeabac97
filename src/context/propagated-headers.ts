import { EXPECTED_TIMEOUT_HEADER, MAX_TIMEOUT_MS } from './deadline-from.ts';

type Headers = Readonly<Record<string, string>>;

const NO_HEADERS: Headers = Object.freeze({});

const HEADER_OF_KEY = [
  ['requestId', 'x-request-id'],
  ['jobId', 'x-job-id'],
  ['traceparent', 'traceparent'],
  ['tracestate', 'tracestate'],
] as const;

/**
 * The headers that carry a call's context and remaining time to the next service.
 * `deadline` and `nowMs` may be on any scale of milliseconds, as long as it is the same.
 */
export function propagatedHeaders(
  context: Readonly<Record<string, unknown>>,
  deadline: number | undefined,
  propagate: { readonly deadline: boolean; readonly context: boolean },
  nowMs: number,
): Headers {
  const ids = propagate.context ? contextHeaders(context) : NO_HEADERS;
  if (!propagate.deadline || deadline === undefined) return ids;
  return { ...ids, ...deadlineHeader(deadline - nowMs) };
}

/** The ids of a context as headers. A value that cannot be one is left out: an id is not worth failing a call for. */
export function contextHeaders(context: Readonly<Record<string, unknown>>): Headers {
  const headers: Record<string, string> = {};
  for (const [key, header] of HEADER_OF_KEY) {
    const value = headerValue(context[key]);
    if (value !== undefined) headers[header] = value;
  }
  return headers;
}

/** The time that is left as a header, rounded down: the next service must not believe it has longer than we will wait. */
export function deadlineHeader(remainingMs: number): Headers {
  const wholeMs = Math.min(MAX_TIMEOUT_MS, Math.max(0, Math.floor(remainingMs)));
  return { [EXPECTED_TIMEOUT_HEADER]: String(wholeMs) };
}

function headerValue(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  // RFC 9110, 5.5: no control characters but tab, nothing beyond one byte.
  if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]+$/.test(value)) return undefined;
  return value.trim() || undefined;
}
