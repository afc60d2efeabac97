import { Readable } from 'node:stream';
import type { UploadSink } from './upload-body.ts';

/** An upload on its way to undici, which reads it at the pace of its socket. A chunk counts as taken when undici wants the next. */
export class UndiciUpload extends Readable implements UploadSink {
  #taken: ((error?: Error | null) => void) | undefined;

  constructor() {
    // Nothing is read ahead, so that a stopped upstream shows at the next chunk.
    super({ highWaterMark: 0 });
    // What breaks the request is told by the dispatcher.
    this.on('error', () => {});
  }

  write(chunk: Uint8Array, onTaken: (error?: Error | null) => void): void {
    this.#taken = onTaken;
    this.push(chunk);
  }

  end(onEnded: () => void): void {
    this.once('end', onEnded);
    this.push(null);
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}
