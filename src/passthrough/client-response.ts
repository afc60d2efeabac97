import type { IncomingMessage } from 'node:http';
import type { StreamResponse } from '../response/stream-response.ts';
import { adjustHeaders } from './adjust-headers.ts';
import { endToEndHeaders, type HeaderRecord, type OutgoingHeaders } from './hop-by-hop-headers.ts';
import type { PassthroughOptions } from './passthrough-options.ts';
import { spentHere } from './spent-here.ts';
import { appendVia } from './via.ts';

/** Fields that mean something only before the body (RFC 9110, 6.5.1): framing, routing, credentials, content format. */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'host',
  'set-cookie',
]);

/** The headers that the client gets for an upstream's response. */
export function clientHeaders(
  response: StreamResponse,
  req: IncomingMessage,
  via: string | false,
  options: PassthroughOptions,
): OutgoingHeaders {
  const { status } = response;
  const headers = endToEndHeaders(response.headers);
  if (status === 204) delete headers['content-length'];
  const { trailer } = response.headers;
  if (trailer !== undefined && sentInChunks(req, status, headers)) announceTrailers(headers, trailer);
  appendVia(headers, '1.1', via);
  if (status >= 400 && spentHere(response.attempts)) headers['x-should-retry'] = 'false';
  return adjustHeaders(headers, options.dropResponseHeaders, options.responseHeaders);
}

/** Whether a response has a body at all. */
export function hasBody(req: IncomingMessage, status: number): boolean {
  return req.method !== 'HEAD' && status !== 204 && status !== 304;
}

/** The trailers that may be passed on. */
export function endToEndTrailers(trailers: HeaderRecord): OutgoingHeaders {
  const kept = endToEndHeaders(trailers);
  for (const name in kept) if (NOT_IN_TRAILERS.has(name)) delete kept[name];
  return kept;
}

/** Only then trailers can follow; Node refuses to announce them otherwise. */
function sentInChunks(req: IncomingMessage, status: number, headers: OutgoingHeaders): boolean {
  return req.httpVersion === '1.1' && hasBody(req, status) && headers['content-length'] === undefined;
}

function announceTrailers(headers: OutgoingHeaders, announced: string | string[]): void {
  const names = String(announced)
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !NOT_IN_TRAILERS.has(name.toLowerCase()));
  if (names.length > 0) headers.trailer = names.join(', ');
}
