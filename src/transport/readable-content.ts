import type { Readable } from 'node:stream';
import type { ContentSink, ContentSource } from './content-source.ts';

/** Content that comes out of a stream. */
export class ReadableContent implements ContentSource {
  readonly #stream: Readable;

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  read(sink: ContentSink): void {
    this.#stream.on('data', chunk => sink.data(chunk));
    this.#stream.once('end', () => sink.end());
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}
