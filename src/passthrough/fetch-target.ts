const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
/** A URL parser would quietly turn the one into a slash and drop the other. */
const MISLEADING = /^[^?#]*\\|\p{Cc}/u;

/** The path of a fetch, or why there is none. The path itself is checked like any other's later. */
export type FetchTarget = { readonly path: string } | { readonly problem: string };

/**
 * Turns what a fetch was given into a path below the service's base: relative URLs as they are, absolute ones only on an
 * endpoint's own origin and base path, or on `http://<name>`.
 */
export function fetchTarget(input: string | URL, name: string, endpointUrls: readonly string[]): FetchTarget {
  const text = String(input);
  if (MISLEADING.test(text)) return { problem: 'has a backslash or a control character' };
  if (!ABSOLUTE.test(text)) return { path: withoutFragment(text) };
  const url = URL.parse(text);
  if (url === null) return { problem: 'is not a valid URL' };
  if (url.username !== '' || url.password !== '')
    return { problem: 'holds credentials; use headers or auth' };
  const href = withoutFragment(url.href);
  for (const endpointUrl of endpointUrls) {
    if (!href.startsWith(endpointUrl)) continue;
    const rest = href.slice(endpointUrl.length);
    if (rest === '' || rest.startsWith('/') || rest.startsWith('?')) return { path: rest };
  }
  if (url.protocol === 'http:' && url.host === name.toLowerCase()) return { path: url.pathname + url.search };
  return { problem: `is neither on the service's own origin, below its base path, nor on http://${name}` };
}

function withoutFragment(text: string): string {
  const hash = text.indexOf('#');
  return hash < 0 ? text : text.slice(0, hash);
}
