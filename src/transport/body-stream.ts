import { Readable } from 'node:stream';
import type { BodyEnd, BodyFlow, BodySink, ChunkListener } from './transport.ts';

/** The layers below hold a chunk of 64 KiB or two each: a paused body is to hold 256 KiB at most. */
const BUFFER_BYTES = 16 * 1024;

export interface BodyStreamSettings {
  /** Lays the body's way into the stream; nothing flows until it is asked for. */
  readonly open: (sink: BodySink) => BodyFlow;
  /** Nothing will come but the end, which is then waited for whether anybody reads or not. */
  readonly empty: boolean;
  readonly onChunk: ChunkListener | undefined;
  readonly onEnd: (end: BodyEnd) => void;
}

/** A reply's body for its reader. */
export class BodyStream extends Readable implements BodySink {
  readonly #settings: BodyStreamSettings;
  readonly #flow: BodyFlow;
  #pushed = 0;
  #told = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(settings: BodyStreamSettings) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#settings = settings;
    this.#flow = settings.open(this);
    // A body that breaks before its reader listens must not end the process; every reader still sees the error.
    this.on('error', () => {});
    if (settings.empty) this.read(0);
  }

  override _read(): void {
    this.#flow.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#flow.abandon();
    this.#tellEnd({
      bytes: this.#pushed - this.readableLength,
      ...this.#broken,
      abandoned: this.#broken === undefined && !this.readableEnded,
    });
    callback(error);
  }

  data(chunk: Buffer): boolean {
    this.#pushed += chunk.length;
    this.#settings.onChunk?.(chunk.length);
    return this.push(chunk);
  }

  end(): void {
    this.push(null);
    // A reader that never looks must not hold what an empty body holds.
    if (this.#pushed === 0) this.#tellEnd({ bytes: 0, abandoned: false });
  }

  fail(error: unknown): void {
    this.#broken = { error };
    this.destroy(error as Error);
  }

  #tellEnd(end: BodyEnd): void {
    if (this.#told) return;
    this.#told = true;
    this.#settings.onEnd(end);
  }
}
