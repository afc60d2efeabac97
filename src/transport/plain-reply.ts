import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { ReplyBody, ResponseHeaders } from './transport.ts';

/** Content as it is at hand: whole, as a stream, or none. */
export type PlainBody = string | Uint8Array | Blob | Readable | ReadableStream<Uint8Array> | null | undefined;

/** A reply written down by hand: what an interceptor or a transport of the user's own may answer with. */
export interface PlainReply {
  readonly status: number;
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  readonly body?: PlainBody | ReplyBody;
  /** The whole body; it wins over `body`. */
  readonly bytes?: Uint8Array | undefined;
}

/** Whether something can be taken for a reply at all. */
export function isReply(reply: PlainReply | null | undefined): reply is PlainReply {
  return Number.isInteger(reply?.status) && isBody(reply?.body);
}

function isBody(body: PlainReply['body']): boolean {
  if (typeof body !== 'object' || body === null) return typeof body === 'string' || body == null;
  return (
    isReplyBody(body) || body instanceof Uint8Array || body instanceof Blob || Symbol.asyncIterator in body
  );
}

/** A body that knows how to be read, as opposed to content that is just there. */
export function isReplyBody(body: PlainReply['body']): body is ReplyBody {
  return typeof body === 'object' && body !== null && 'discard' in body;
}

/** Headers as the contract has them: lower-case names, one string each, `set-cookie` a list. */
export function replyHeaders(headers: PlainReply['headers'] = {}): ResponseHeaders {
  const entries: [string, string | string[]][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (value === undefined) continue;
    if (key === 'set-cookie') entries.push([key, typeof value === 'string' ? [value] : [...value]]);
    else entries.push([key, typeof value === 'string' ? value : value.join(', ')]);
  }
  return Object.fromEntries(entries);
}
