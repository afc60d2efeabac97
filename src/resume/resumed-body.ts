import { Readable } from 'node:stream';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { BodyEnd, ReplyBody, ResponseHeaders } from '../transport/transport.ts';

/** Gets the reply that goes on after `received` bytes; rejects with what the body is to fail with. */
export type Continue = (error: unknown, received: number) => Promise<ReceivedReply>;

/** A body made of as many replies as it takes; its reader sees one. */
export class ResumedBody implements ReplyBody {
  readonly #first: ReceivedReply;
  readonly #goOn: Continue;
  #stream: ResumedStream | undefined;

  constructor(first: ReceivedReply, goOn: Continue) {
    this.#first = first;
    this.#goOn = goOn;
  }

  bytes(): Promise<Uint8Array> {
    return Promise.reject(new TypeError('a body that can be resumed is streamed'));
  }

  stream(onEnd: (end: BodyEnd) => void): Readable {
    this.#stream = new ResumedStream(this.#first, this.#goOn, onEnd);
    return this.#stream;
  }

  discard(): void {
    this.#first.discard();
  }

  trailers(): ResponseHeaders | undefined {
    return (this.#stream?.reply ?? this.#first).body.trailers();
  }
}

class ResumedStream extends Readable {
  /** The one that is being read. */
  reply: ReceivedReply;
  readonly #goOn: Continue;
  readonly #onEnd: (end: BodyEnd) => void;
  #part: Readable | undefined;
  #received = 0;
  #resumes = 0;
  #broken: { readonly error: unknown } | undefined;

  constructor(first: ReceivedReply, goOn: Continue, onEnd: (end: BodyEnd) => void) {
    // The parts hold what little there is to hold.
    super({ highWaterMark: 0 });
    this.reply = first;
    this.#goOn = goOn;
    this.#onEnd = onEnd;
    // Every reader still sees the error; one that is not there yet must not end the process.
    this.on('error', () => {});
    this.#read(first);
  }

  override _read(): void {
    this.#part?.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#part?.destroy();
    this.#onEnd({
      bytes: this.#received - this.readableLength,
      resumes: this.#resumes,
      ...this.#broken,
      abandoned: this.#broken === undefined && !this.readableEnded,
    });
    callback(error);
  }

  #read(reply: ReceivedReply): void {
    this.reply = reply;
    const part = reply.stream();
    this.#part = part;
    part.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
      if (!this.push(chunk)) part.pause();
    });
    part.once('end', () => this.push(null));
    part.once('error', error => this.#takeUp(error));
    // Reading starts when the reader asks; the next part goes on for a reader who has asked already.
    if (this.#resumes === 0) part.pause();
  }

  #takeUp(error: unknown): void {
    this.#part = undefined;
    if (this.destroyed) return;
    this.#goOn(error, this.#received).then(
      reply => {
        this.#resumes++;
        if (this.destroyed) reply.discard();
        else this.#read(reply);
      },
      (failure: unknown) => this.#break(failure),
    );
  }

  #break(error: unknown): void {
    if (this.destroyed) return;
    this.#broken = { error };
    this.destroy(error as Error);
  }
}
