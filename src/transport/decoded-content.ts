import { type ContentCodings, ContentDecoder } from './content-decoding.ts';
import type { ContentSink, ContentSource } from './content-source.ts';
import { ReadableContent } from './readable-content.ts';

export interface DecodedContentSettings {
  readonly source: ContentSource;
  readonly codings: ContentCodings;
  /** Coded bytes have come; a decoder may swallow much before it gives something. */
  readonly onInput: () => void;
  readonly onError: (error: unknown) => void;
}

/** Content without its codings, decoded at the pace of its reader. */
export class DecodedContent implements ContentSource, ContentSink {
  readonly #settings: DecodedContentSettings;
  readonly #decoder: ContentDecoder;
  readonly #decoded: ReadableContent;

  constructor(settings: DecodedContentSettings) {
    this.#settings = settings;
    const { source, codings, onError } = settings;
    this.#decoder = new ContentDecoder(codings);
    this.#decoder.on('error', onError);
    this.#decoder.on('drain', () => source.resume());
    this.#decoded = new ReadableContent(this.#decoder);
  }

  read(sink: ContentSink): void {
    this.#decoded.read(sink);
    this.#settings.source.read(this);
  }

  pause(): void {
    this.#decoded.pause();
  }

  resume(): void {
    this.#decoded.resume();
  }

  data(chunk: Buffer): void {
    if (this.#decoder.destroyed) return;
    this.#settings.onInput();
    if (!this.#decoder.write(chunk)) this.#settings.source.pause();
  }

  end(): void {
    this.#decoder.end();
  }

  /** Nobody wants it any more. */
  destroy(): void {
    this.#decoder.destroy();
  }
}
