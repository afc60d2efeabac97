import type { Issue } from '../errors/issue.ts';
import { withGot } from '../options/describe-value.ts';

/** Most paths: nothing to encode, no dot segments, no empty segments. Must never match what the slow way refuses. */
const PLAIN_PATH =
  /^\/(?:[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*(?:\/|(?=\?|$)))*(?:\?[\w.~!$&()*+,;=:@/?%-]*)?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const CONTROL = /\p{Cc}/u;
const MALFORMED_PERCENT = /%(?![0-9a-f]{2})/i;
const ENCODED_SEPARATOR = /%(?:2f|5c)/i;
/** Some servers drop `;…` from a segment before they resolve it, which makes `..;` climb too. */
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?=[/;]|$)/i;
/** What the WHATWG URL parser would encode, so that the wire carries exactly the URL that interceptors see. */
const UNSAFE_IN_PATH = /[ "<>`^{}]|\P{ASCII}+/gu;
const UNSAFE_IN_QUERY = /[ "'<>]|\P{ASCII}+/gu;

const encodeUnsafe = (text: string) => (text === "'" ? '%27' : encodeURIComponent(text));

/** Why a path is refused, or `undefined`. The query behind its first `?` may hold anything that cannot change where it goes. */
export function pathProblem(path: string): string | undefined {
  if (typeof path !== 'string') return withGot('expected a string', path);
  if (PLAIN_PATH.test(path)) return undefined;
  if (CONTROL.test(path)) return 'has a control character';
  if (!path.isWellFormed()) return 'has half of a surrogate pair';
  if (path.includes('#')) return 'has a fragment ("#"), which is never sent';
  const { pathPart } = splitQuery(path);
  if (pathPart.includes('\\')) return 'has a backslash';
  if (SCHEME.test(pathPart)) return 'is an absolute URL; expected a path below the base, begin it with "/"';
  if (pathPart.startsWith('//')) return 'begins with "//", which names a host';
  if (MALFORMED_PERCENT.test(pathPart)) return 'has a "%" without two hex digits; write it as "%25"';
  if (ENCODED_SEPARATOR.test(pathPart)) return 'has an encoded "/" or "\\"; use params for such values';
  if (DOT_SEGMENT.test(pathPart)) return 'has a "." or ".." segment';
  return undefined;
}

/** Encodes what has no place in a URL and adds the leading slash. What is encoded already stays as it is. */
export function encodePath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const { pathPart, query } = splitQuery(path);
  const encoded =
    pathPart.replace(UNSAFE_IN_PATH, encodeUnsafe) + query.replace(UNSAFE_IN_QUERY, encodeUnsafe);
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}

/**
 * A caller's path, encoded and with a leading slash; what is wrong with it goes to `issues`.
 * `{` and `}` are ordinary characters here: passthrough hands over what it was sent.
 */
export function checkPath(path: string, issues: Issue[]): string {
  if (typeof path === 'string' && PLAIN_PATH.test(path)) return path;
  const problem = pathProblem(path);
  if (problem === undefined) return encodePath(path);
  issues.push({ path: 'path', message: problem });
  return '/';
}

/** An endpoint's URL and a checked path, joined so that the result stays below the endpoint's base path. */
export function resolveUrl(endpointUrl: string, path: string): string {
  return endpointUrl + path;
}

/** A path and its query, the `?` included. */
export function splitQuery(path: string): { pathPart: string; query: string } {
  const mark = path.indexOf('?');
  return mark < 0
    ? { pathPart: path, query: '' }
    : { pathPart: path.slice(0, mark), query: path.slice(mark) };
}
