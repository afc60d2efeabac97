import { parseHttpDate } from '../time/http-date.ts';
import type { ResponseHeaders } from '../transport/transport.ts';

/** What a response says about the end of what was called. */
export interface DeprecationNotice {
  /** Epoch milliseconds. */
  readonly deprecatedAt?: number;
  /** Epoch milliseconds. */
  readonly sunsetAt?: number;
}

/** RFC 9745: a structured Date. Drafts before it said `true` or an HTTP-date. */
const STRUCTURED_DATE = /^@(-?\d{1,12})$/;

/** Reads `Deprecation` (RFC 9745) and `Sunset` (RFC 8594); `undefined` where neither says anything. */
export function deprecationNotice(headers: ResponseHeaders, nowMs: number): DeprecationNotice | undefined {
  const { deprecation, sunset } = headers;
  if (deprecation === undefined && sunset === undefined) return undefined;
  const deprecatedAt = deprecationDate(deprecation, nowMs);
  const sunsetAt = typeof sunset === 'string' ? parseHttpDate(sunset.trim(), nowMs) : undefined;
  if (sunsetAt === undefined && deprecatedAt === undefined && deprecation !== 'true') return undefined;
  return { ...(deprecatedAt !== undefined && { deprecatedAt }), ...(sunsetAt !== undefined && { sunsetAt }) };
}

function deprecationDate(value: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const seconds = STRUCTURED_DATE.exec(value.trim())?.[1];
  return seconds === undefined ? parseHttpDate(value.trim(), nowMs) : Number(seconds) * 1000;
}

/** The notice in words. */
export function describeDeprecation({ deprecatedAt, sunsetAt }: DeprecationNotice, nowMs: number): string {
  const since =
    deprecatedAt === undefined
      ? 'is deprecated'
      : `${deprecatedAt > nowMs ? 'will be deprecated from' : 'is deprecated since'} ${day(deprecatedAt)}`;
  return sunsetAt === undefined ? since : `${since} and stops working on ${day(sunsetAt)}`;
}

function day(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
