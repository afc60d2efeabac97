import { validateHeaderName, validateHeaderValue } from 'node:http';
import { describeValue } from './describe-value.ts';
import { isToken } from './option-rules.ts';

/** Headers that frame a message or belong to one connection: they are the transport's to set (RFC 9110 section 7.6.1). */
const FRAMING: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
]);

export function isFramingHeader(lowerCaseName: string): boolean {
  return FRAMING.has(lowerCaseName) || lowerCaseName.startsWith('proxy-');
}

export interface HeaderIssue {
  readonly name: string;
  readonly message: string;
}

/** Everything that is wrong with a record of headers. No message holds a value. */
export function headerIssues(headers: Readonly<Record<string, unknown>>): HeaderIssue[] {
  const issues: HeaderIssue[] = [];
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const lowerCase = name.toLowerCase();
    const twin = seen.get(lowerCase);
    const message = twin === undefined ? headerIssue(lowerCase, value) : `the same header as ${twin}`;
    seen.set(lowerCase, name);
    if (message !== undefined) issues.push({ name: shownName(name), message });
  }
  return issues;
}

function headerIssue(name: string, value: unknown): string | undefined {
  if (name === '__proto__') return 'unknown option';
  if (!isToken(name)) return 'not a valid header name';
  if (isFramingHeader(name)) return 'set by the transport, cannot be given';
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = values.find(item => typeof item !== 'string');
  if (wrong !== undefined || values.includes(undefined)) {
    return `expected a string or a list of strings, got ${describeValue(wrong)}`;
  }
  return values.every(item => isHeaderValue(name, item))
    ? undefined
    : 'holds characters that a header cannot carry';
}

/** Safe to send as a header's value: no line breaks, no characters beyond Latin-1. */
export function isHeaderValue(name: string, value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** `Authorization: Bearer …` written as a name must not show its value. */
function shownName(name: string): string {
  return name.replace(/[^!#$%&'*+.^_`|~0-9A-Za-z-].*$/s, '…');
}
