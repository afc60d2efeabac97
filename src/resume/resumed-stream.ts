import { Readable } from 'node:stream';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { BodyEnd, ChunkListener } from '../transport/transport.ts';
import type { Resumption } from './resumed-body.ts';

/** The parts of a body, one after the other; it ends when all its bytes have arrived, and only then. */
export class ResumedStream extends Readable {
  /** The one that is being read. */
  reply: ReceivedReply;
  resumes = 0;
  readonly #resumption: Resumption;
  readonly #onEnd: (end: BodyEnd) => void;
  readonly #onChunk: ChunkListener | undefined;
  #part: Readable | undefined;
  /** Settles when the next part is there or will not come. */
  #takingUp: Promise<void> | undefined;
  #received = 0;
  #broken: { readonly error: unknown } | undefined;

  constructor(
    first: ReceivedReply,
    resumption: Resumption,
    onEnd: (end: BodyEnd) => void,
    onChunk: ChunkListener | undefined,
  ) {
    // The parts hold what little there is to hold.
    super({ highWaterMark: 0 });
    this.reply = first;
    this.#resumption = resumption;
    this.#onEnd = onEnd;
    this.#onChunk = onChunk;
    // Every reader still sees the error; one that is not there yet must not end the process.
    this.on('error', () => {});
    // Reading starts when the reader asks.
    this.#read(first).pause();
  }

  override _read(): void {
    this.#part?.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#part?.destroy();
    const end = () => {
      this.#onEnd({
        bytes: this.#received - this.readableLength,
        ...this.#broken,
        abandoned: this.#broken === undefined && !this.readableEnded,
      });
      callback(error);
    };
    if (this.#takingUp === undefined) end();
    else {
      this.#resumption.giveUp();
      // An attempt under way closes its books before the body does.
      void this.#takingUp.then(end);
    }
  }

  #read(reply: ReceivedReply): Readable {
    this.reply = reply;
    const part = reply.stream();
    this.#part = part;
    part.on('data', (chunk: Buffer) => this.#take(part, chunk));
    part.once('end', () => this.#partOver(undefined));
    part.once('error', error => this.#partOver({ error }));
    return part;
  }

  #take(part: Readable, chunk: Buffer): void {
    const received = this.#received + chunk.length;
    if (received > this.#resumption.byteLength) {
      // None of it can be trusted then.
      this.#break(this.#resumption.lengthFault());
      return;
    }
    this.#received = received;
    this.#onChunk?.(chunk.length);
    if (!this.push(chunk)) part.pause();
  }

  #partOver(broken: { readonly error: unknown } | undefined): void {
    if (this.destroyed) return;
    this.#part = undefined;
    if (this.#received === this.#resumption.byteLength) this.push(null);
    else this.#takeUp(broken === undefined ? this.#resumption.lengthFault() : broken.error);
  }

  #takeUp(error: unknown): void {
    this.#takingUp = this.#resumption.goOn(error, this.#received).then(
      reply => {
        this.#takingUp = undefined;
        if (this.destroyed) return reply.discard();
        this.resumes++;
        // It flows at once: whoever reads has asked already, and one chunk too many for whoever does not is no harm.
        this.#read(reply);
      },
      (failure: unknown) => {
        this.#takingUp = undefined;
        this.#break(failure);
      },
    );
  }

  #break(error: unknown): void {
    if (this.destroyed) return;
    this.#broken = { error };
    this.destroy(error as Error);
  }
}
