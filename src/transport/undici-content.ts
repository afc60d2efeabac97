import type { Dispatcher } from 'undici';
import type { ContentSink, ContentSource } from './content-source.ts';

/** What may come before anybody reads: a small body is then here whole, and the wire need never be stopped. */
const HELD_BYTES = 16 * 1024;

/** A body as its dispatcher brings it. */
export class UndiciContent implements ContentSource {
  readonly #controller: Dispatcher.DispatchController;
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #whole = false;
  #sink: ContentSink | undefined;
  #paused = false;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  push(chunk: Buffer): void {
    if (this.#sink !== undefined && !this.#paused && this.#held.length === 0) {
      this.#sink.data(chunk);
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= HELD_BYTES) this.#controller.pause();
  }

  /** All of it has been pushed. */
  end(): void {
    this.#whole = true;
    if (this.#sink !== undefined && !this.#paused && this.#held.length === 0) this.#sink.end();
  }

  read(sink: ContentSink): void {
    this.#sink = sink;
    this.#flow();
  }

  takeWhole(maxBytes: number): readonly Buffer[] | undefined {
    return this.#whole && this.#heldBytes <= maxBytes ? this.#held : undefined;
  }

  pause(): void {
    this.#paused = true;
    // A reader that is held up once will be again, and each chunk is 64 KiB that it would hold for nothing.
    if (!this.#whole && !this.#controller.paused) this.#controller.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#flow();
  }

  #flow(): void {
    for (let chunk = this.#held.shift(); chunk !== undefined; chunk = this.#held.shift()) {
      this.#heldBytes -= chunk.length;
      this.#sink?.data(chunk);
      if (this.#paused) return;
    }
    if (this.#whole) this.#sink?.end();
    // undici must not be asked from within what it has called, be it for another connection.
    else if (this.#controller.paused) process.nextTick(resumeWire, this);
  }

  resumeWire(): void {
    if (!this.#paused && !this.#controller.aborted) this.#controller.resume();
  }
}

function resumeWire(content: UndiciContent): void {
  content.resumeWire();
}
