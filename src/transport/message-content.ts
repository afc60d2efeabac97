import type { IncomingMessage } from 'node:http';
import type { ContentSink, ContentSource } from './content-source.ts';

/** A body as node:http brings it. Whoever read the message before reads it no more. */
export class MessageContent implements ContentSource {
  readonly #message: IncomingMessage;
  #sink: ContentSink | undefined;
  /** What had come when reading began was all, and has been handed over; the end is still to be told. */
  #taken = false;
  #paused = false;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  read(sink: ContentSink): void {
    this.#sink = sink;
    const message = this.#message;
    // Others that wait for it to be readable would keep it from flowing.
    message.removeAllListeners('readable');
    const here = message.complete ? this.#rest() : undefined;
    if (here === undefined) {
      message.on('data', (chunk: Buffer) => sink.data(chunk));
      message.on('end', () => sink.end());
      message.resume();
      return;
    }
    this.#taken = true;
    if (here.length > 0) sink.data(here);
    if (!this.#paused) sink.end();
  }

  takeWhole(maxBytes: number): readonly Buffer[] | undefined {
    const message = this.#message;
    if (!message.complete || message.readableLength > maxBytes) return undefined;
    const here = this.#rest();
    return here && [here];
  }

  pause(): void {
    this.#paused = true;
    if (!this.#taken) this.#message.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#taken) this.#sink?.end();
    else this.#message.resume();
  }

  /** A small body has often come with its head. */
  #rest(): Buffer | undefined {
    const message = this.#message;
    // An empty one ends by itself.
    if (message.readableEnded) return EMPTY;
    return message.destroyed ? undefined : (message.read() ?? EMPTY);
  }
}

const EMPTY = Buffer.alloc(0);
