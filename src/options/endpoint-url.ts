import { describeValue } from './describe-value.ts';

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const HTTP = /^https?:\/\//i;
/** Spaces and control characters, which the URL parser silently drops, and backslashes, which it reads as slashes. */
const MISLEADING = /[\s\\\p{Cc}]/u;
const EXAMPLE = 'an http:// or https:// URL such as "http://localhost:3001"';

/** What is wrong with an endpoint's URL, in words that hold neither credentials nor query values. */
export function endpointUrlIssue(url: unknown): string | undefined {
  if (url === undefined) return `required: ${EXAMPLE}`;
  if (url instanceof URL) return `expected ${EXAMPLE}, got a URL: give its href`;
  if (typeof url !== 'string') return `expected ${EXAMPLE}, got ${describeValue(url)}`;
  if (url === '') return `expected ${EXAMPLE}, got an empty string`;
  if (!HTTP.test(url)) {
    const scheme = SCHEME.exec(url)?.[0];
    return scheme === undefined ? `expected ${EXAMPLE}, got no scheme` : `expected ${EXAMPLE}, got ${scheme}`;
  }
  if (MISLEADING.test(url)) return 'must not hold spaces, control characters or backslashes';
  const authority = url.replace(HTTP, '').split(/[/?#]/, 1)[0] ?? '';
  // The URL parser skips further slashes: `http:///user:password@host` would hide its credentials from what follows.
  if (authority === '' || !URL.canParse(url)) return 'not a valid URL';
  if (authority.includes('@')) return `must not hold credentials, got "${maskUrl(url)}"`;
  if (url.includes('?') || url.includes('#')) {
    return `must not have a query or fragment, got "${maskUrl(url)}"`;
  }
  return undefined;
}

/** Greedy up to the last `@`: a password may hold slashes and question marks itself. */
function maskUrl(url: string): string {
  return url.replace(/\/\/.*@/s, '//***@').replace(/([?#]).+$/s, '$1***');
}

/** Origin plus base path as it is printed: default port dropped, no trailing slash. */
export function normalizeEndpointUrl(url: string): string {
  return new URL(url).href.replace(/\/+$/, '');
}
