import { Readable } from 'node:stream';
import type { Cancellation } from '../time/cancellation.ts';
import type { Clock } from '../time/clock.ts';
import { foreignFailure } from './foreign-failure.ts';
import type { PlainBody } from './plain-reply.ts';
import { ReadableContent } from './readable-content.ts';
import { WireBody, type WireBodySettings } from './reply-body.ts';
import type { ReplyBody, ResponseHeaders } from './transport.ts';

/** What surrounds content that is to become a reply's body. */
export interface PlainBodySettings {
  readonly content: PlainBody;
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly request: WireBodySettings['request'];
  readonly clock: Clock;
  readonly cancellation: Cancellation;
}

/** Makes content that did not come off our wire a body like any other: with its limits, its idle time and its cancellation. */
export function plainBody({
  content,
  status,
  headers,
  request,
  clock,
  cancellation,
}: PlainBodySettings): ReplyBody {
  const source = Readable.from(chunksOf(content), { objectMode: false });
  const release = () => {
    cancellation.offCancel(fail);
    source.destroy();
    if (content instanceof Readable) content.destroy();
  };
  const fail = (error: unknown) => {
    release();
    body.break(error);
  };
  const body = new WireBody({
    source: new ReadableContent(source),
    message: { statusCode: status, headers, complete: false, trailers: {} },
    request,
    clock,
    codings: undefined,
    onWhole: release,
    onAbandoned: release,
    onBroken: fail,
  });
  source.on('error', error => fail(foreignFailure(error, request, 'body')));
  cancellation.onCancel(fail);
  return {
    bytes: (maxBytes, truncate) => body.bytes(maxBytes, truncate),
    stream: (onEnd, onChunk) => body.stream(onEnd, onChunk),
    flow: sink => body.flow(sink),
    discard: release,
    trailers: () => undefined,
  };
}

async function* chunksOf(content: PlainBody): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield Buffer.from(content);
  else if (content instanceof Uint8Array) yield Buffer.from(content);
  else if (content instanceof Blob) yield* chunksOf(content.stream());
  else if (content) for await (const chunk of content) yield Buffer.from(chunk);
}
