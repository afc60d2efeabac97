import type { IncomingMessage } from 'node:http';
import type { ContentSink, ContentSource } from './content-source.ts';

/** A body as node:http brings it. Whoever waited for the message to be readable waits no more. */
export class MessageContent implements ContentSource {
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  read(sink: ContentSink): void {
    const message = this.#message;
    // An empty one ends by itself.
    if (message.readableEnded) {
      sink.end();
      return;
    }
    // Listeners for that would keep it from flowing.
    message.removeAllListeners('readable');
    // With the event, not before: only then can the connection be used again.
    message.on('end', () => sink.end());
    if (message.complete && !message.destroyed) {
      // A small body has often come with its head.
      const here: Buffer | null = message.read();
      if (here !== null) sink.data(here);
    } else {
      message.on('data', (chunk: Buffer) => sink.data(chunk));
      message.resume();
    }
  }

  pause(): void {
    this.#message.pause();
  }

  resume(): void {
    this.#message.resume();
  }
}
