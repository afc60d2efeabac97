import type { Readable } from 'node:stream';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { BodyEnd, ChunkListener, ReplyBody, ResponseHeaders } from '../transport/transport.ts';
import { ResumedStream } from './resumed-stream.ts';

/** How a body goes on after it broke. */
export interface Resumption {
  /** Length of the whole body. */
  readonly byteLength: number;
  /** Gets the reply that goes on after `received` bytes; rejects with what the body is to fail with. */
  goOn(error: unknown, received: number): Promise<ReceivedReply>;
  /** Ends a `goOn` under way: nobody reads any more. */
  giveUp(): void;
  /** What a part fails with that ended early, or not where it said it would. */
  lengthFault(): unknown;
}

/** A body made of as many replies as it takes; its reader sees one. */
export class ResumedBody implements ReplyBody {
  readonly #first: ReceivedReply;
  readonly #resumption: Resumption;
  #stream: ResumedStream | undefined;

  constructor(first: ReceivedReply, resumption: Resumption) {
    this.#first = first;
    this.#resumption = resumption;
  }

  get resumes(): number {
    return this.#stream?.resumes ?? 0;
  }

  bytes(): Promise<Uint8Array> {
    return Promise.reject(new TypeError('a body that can be resumed is streamed'));
  }

  stream(onEnd: (end: BodyEnd) => void, onChunk?: ChunkListener): Readable {
    this.#stream = new ResumedStream(this.#first, this.#resumption, onEnd, onChunk);
    return this.#stream;
  }

  discard(): void {
    this.#first.discard();
  }

  trailers(): ResponseHeaders | undefined {
    return (this.#stream?.reply ?? this.#first).body.trailers();
  }
}
