import type { Readable } from 'node:stream';
import type { BodyFlow, BodySink } from './transport.ts';

/** A stream as a flow, where there is nothing but a stream. One that is destroyed without an error fails with `undefined`. */
export function readableFlow(stream: Readable, sink: BodySink): BodyFlow {
  return new ReadableFlow(stream, sink);
}

class ReadableFlow implements BodyFlow {
  readonly #stream: Readable;
  readonly #sink: BodySink;
  #state: 'new' | 'open' | 'over' = 'new';

  constructor(stream: Readable, sink: BodySink) {
    this.#stream = stream;
    this.#sink = sink;
  }

  resume(): void {
    const stream = this.#stream;
    if (this.#state === 'new') {
      this.#state = 'open';
      stream.on('error', error => this.#fail(error));
      stream.on('close', () => this.#fail(undefined));
      stream.on('end', () => this.#end());
      stream.on('data', (chunk: Buffer) => {
        if (this.#state === 'open' && !this.#sink.data(chunk)) stream.pause();
      });
      if (stream.destroyed) this.#fail(stream.errored ?? undefined);
    } else if (this.#state === 'open') stream.resume();
  }

  abandon(): void {
    if (this.#state === 'over') return;
    // It may not have been listened to yet, and may have an error to tell.
    if (this.#state === 'new') this.#stream.on('error', () => {});
    this.#state = 'over';
    this.#stream.destroy();
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#sink.end();
  }

  #fail(error: unknown): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#sink.fail(error);
  }
}
