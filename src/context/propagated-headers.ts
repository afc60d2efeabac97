import { EXPECTED_TIMEOUT_HEADER, MAX_TIMEOUT_MS } from './deadline-from.ts';

type Headers = Readonly<Record<string, string>>;

const HEADER_OF_KEY = [
  ['requestId', 'x-request-id'],
  ['jobId', 'x-job-id'],
  ['traceparent', 'traceparent'],
  ['tracestate', 'tracestate'],
] as const;

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
