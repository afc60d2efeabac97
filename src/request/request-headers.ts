import type { Issue } from '../errors/issue.ts';
import { withGot } from '../options/describe-value.ts';
import { headerIssues } from '../options/header-rules.ts';

/** Lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * The client's headers with a call's own over them, `undefined` removing one.
 * A call without own headers shares the client's frozen object; any other gets one of its own.
 */
export function mergeHeaders(base: RequestHeaders, own: unknown, issues: Issue[]): RequestHeaders {
  if (own === undefined) return base;
  const given = own instanceof Headers ? Object.fromEntries(own) : own;
  if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
    issues.push({
      path: 'headers',
      message: withGot('expected an object of names and values, or Headers', own),
    });
    return base;
  }
  const before = issues.length;
  for (const { name, message } of headerIssues({ ...given })) {
    issues.push({ path: `headers.${name.toLowerCase()}`, message });
  }
  // Refused names must not be written: one of them is __proto__.
  if (issues.length > before) return base;
  const merged: Record<string, string | readonly string[]> = { ...base };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0))
      delete merged[name.toLowerCase()];
    else merged[name.toLowerCase()] = Array.isArray(value) ? [...value] : value;
  }
  return merged;
}

/** Sets one header more. Never touches `base`, which all calls share. */
export function withHeader(
  headers: RequestHeaders,
  base: RequestHeaders,
  name: string,
  value: string,
): RequestHeaders {
  if (headers === base) return { ...base, [name]: value };
  return Object.assign(headers, { [name]: value });
}

/** What a call's own headers say about `name`: its value, `undefined` where it is removed, `false` where it is not named. */
export function ownHeader(own: unknown, name: string): unknown {
  if (own instanceof Headers) return own.get(name) ?? false;
  if (typeof own !== 'object' || own === null) return false;
  for (const [given, value] of Object.entries(own)) if (given.toLowerCase() === name) return value;
  return false;
}
