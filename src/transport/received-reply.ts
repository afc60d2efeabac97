import type { Readable } from 'node:stream';
import { readableFlow } from './readable-flow.ts';
import { ReplyFlow } from './reply-flow.ts';
import type {
  BodyEnd,
  BodyFlow,
  BodySink,
  ChunkListener,
  Reply,
  ReplyBody,
  ResponseHeaders,
} from './transport.ts';

/** A reply on its way back up the line. Stages that hold something until the body has ended ask to be told here. */
export class ReceivedReply implements Reply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: ReplyBody;
  /** The URL that answered, after redirects. */
  readonly url: string;
  /** The whole body, once a stage has buffered it. */
  readonly bytes: Uint8Array | undefined;
  #onEnd: ((end: BodyEnd) => void)[] | undefined;

  constructor(reply: Reply, url: string, bytes?: Uint8Array) {
    this.status = reply.status;
    this.headers = reply.headers;
    this.body = reply.body;
    this.url = url;
    this.bytes = bytes;
  }

  /** Calls `listener` once when the body has ended, however it did. Buffered replies have ended already: don't ask. */
  whenEnded(listener: (end: BodyEnd) => void): void {
    if (this.#onEnd === undefined) this.#onEnd = [listener];
    else this.#onEnd.push(listener);
  }

  /** Hands the body on as it arrives. */
  stream(onChunk?: ChunkListener): Readable {
    return this.body.stream(end => this.#end(end), onChunk);
  }

  /** Hands the body on as it arrives, with no stream between where none is needed. */
  flow(sink: BodySink, onChunk?: ChunkListener): BodyFlow {
    if (this.body.flow === undefined) return readableFlow(this.stream(onChunk), sink);
    return new ReplyFlow(this.body, sink, end => this.#end(end), onChunk);
  }

  /** Drops a body that nobody will read. */
  discard(): void {
    if (this.bytes !== undefined) return;
    this.body.discard();
    this.#end({ bytes: 0, abandoned: true });
  }

  #end(end: BodyEnd): void {
    const listeners = this.#onEnd;
    this.#onEnd = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(end);
  }
}
