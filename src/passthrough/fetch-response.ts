import { STATUS_CODES } from 'node:http';
import { NetworkError } from '../errors/network-error.ts';
import type { StreamResponse } from '../response/stream-response.ts';
import { endToEndHeaders } from './hop-by-hop-headers.ts';
import { webBody } from './web-body.ts';

/** A `Response` with these has no body. */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** A reply as fetch gives it: with its URL, and without what belonged to the connection. The transport's headers tell of the decoded body. */
export function fetchResponse(method: string, reply: StreamResponse): Response {
  const { status, body, service, endpoint, url } = reply;
  // The reader is told; without a listener an error that comes when nobody reads would end the process.
  body.on('error', () => {});
  try {
    const init = { status, statusText: STATUS_CODES[status] ?? '', headers: responseHeaders(reply) };
    const hasBody = method !== 'HEAD' && !NULL_BODY.has(status);
    const response = new Response(hasBody ? webBody(body) : null, init);
    if (!hasBody) dropBody(reply);
    return withUrl(response, url);
  } catch (cause) {
    // A status outside 200-599, or a header that no Response may have.
    body.destroy();
    throw new NetworkError({ service, endpoint, phase: 'response', cause });
  }
}

function responseHeaders(reply: StreamResponse): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(endToEndHeaders(reply.headers))) {
    for (const item of [value].flat()) headers.append(name, item);
  }
  return headers;
}

/** An empty body still has to be read to its end, to free what it holds; 205 alone may have something in it, against the rules. */
function dropBody({ status, body }: StreamResponse): void {
  if (status === 205) body.destroy();
  else body.resume();
}

/** `url` cannot be given to the constructor; it outlives `clone()`. */
function withUrl(response: Response, url: string): Response {
  return Object.defineProperties(response, {
    url: { value: url },
    clone: { value: () => withUrl(Response.prototype.clone.call(response), url) },
  });
}
