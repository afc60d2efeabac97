import type { BodyEnd, BodyFlow, BodySink, ChunkListener, ReplyBody } from './transport.ts';

/** A reply's body on its way to its reader, and the account of it. */
export class ReplyFlow implements BodyFlow, BodySink {
  readonly #flow: BodyFlow | undefined;
  readonly #sink: BodySink;
  readonly #onEnd: (end: BodyEnd) => void;
  readonly #onChunk: ChunkListener | undefined;
  #bytes = 0;
  #over = false;

  constructor(
    body: ReplyBody,
    sink: BodySink,
    onEnd: (end: BodyEnd) => void,
    onChunk: ChunkListener | undefined,
  ) {
    this.#sink = sink;
    this.#onEnd = onEnd;
    this.#onChunk = onChunk;
    this.#flow = body.flow?.(this);
  }

  resume(): void {
    this.#flow?.resume();
  }

  abandon(): void {
    this.#flow?.abandon();
    this.#tellEnd({ bytes: this.#bytes, abandoned: true });
  }

  data(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    this.#onChunk?.(chunk.length);
    return this.#sink.data(chunk);
  }

  end(): void {
    this.#sink.end();
    this.#tellEnd({ bytes: this.#bytes, abandoned: false });
  }

  fail(error: unknown): void {
    this.#tellEnd({ bytes: this.#bytes, error, abandoned: false });
    this.#sink.fail(error);
  }

  #tellEnd(end: BodyEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#onEnd(end);
  }
}
