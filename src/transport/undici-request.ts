import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ACCEPTED_CODINGS } from './content-decoding.ts';
import type { TransportRequest } from './transport.ts';

/** Where a URL's path begins: behind the first slash that is not of the scheme. */
const SCHEME_LENGTH = 'http://'.length;

/** undici refuses it; and as we never wait for a 100 we must not ask for one (RFC 9110, section 10.1.1). */
const UNSENT = 'expect';

/** A request in undici's words. `upload` is the body of one that is sent as it comes. */
export class DispatchOptions implements Dispatcher.DispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: string[];
  readonly body: Uint8Array | string | Readable | undefined;
  /** Left out, undici would close the connection after a HEAD, and after a GET or DELETE with a body. */
  readonly reset: boolean;

  constructor(request: TransportRequest, upload: Readable | undefined) {
    const { url, method, body, freshConnection } = request;
    const pathAt = pathStart(url);
    this.origin = url.slice(0, pathAt);
    this.path = pathAt === url.length ? '/' : url.slice(pathAt);
    this.method = method;
    this.headers = headerList(request);
    this.body = body.kind === 'buffered' ? body.bytes : upload;
    this.reset = freshConnection;
  }
}

function pathStart(url: string): number {
  const slash = url.indexOf('/', SCHEME_LENGTH + 1);
  return slash < 0 ? url.length : slash;
}

/** Names and values in turns: what undici takes without looking further. */
function headerList({ headers, body, decompress }: TransportRequest): string[] {
  const list: string[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (name === UNSENT) continue;
    if (typeof value === 'string') list.push(name, value);
    else for (const item of value ?? []) list.push(name, item);
  }
  if (decompress && headers['accept-encoding'] === undefined) list.push('accept-encoding', ACCEPTED_CODINGS);
  // The length of a body in memory undici knows, and what has no length it sends in chunks.
  if ('byteLength' in body && body.byteLength !== undefined) {
    list.push('content-length', String(body.byteLength));
  }
  return list;
}
