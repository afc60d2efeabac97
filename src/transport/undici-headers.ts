import type { ResponseHeaders } from './transport.ts';

/** Of these Node keeps the first, since a list of them means nothing. */
const SINGLE = new Set(
  (
    'age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since ' +
    'last-modified location max-forwards proxy-authorization referer retry-after server user-agent'
  ).split(' '),
);

/** Headers as undici hands them over, where one that came more than once is an array. They become the record that Node would make. */
export function responseHeaders(headers: Record<string, string | string[] | undefined>): ResponseHeaders {
  for (const name in headers) {
    const value = headers[name];
    if (name === 'set-cookie') {
      if (typeof value === 'string') headers[name] = [value];
    } else if (Array.isArray(value)) {
      headers[name] = SINGLE.has(name) ? value[0] : value.join(name === 'cookie' ? '; ' : ', ');
    }
  }
  return headers as ResponseHeaders;
}
