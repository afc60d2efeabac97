import { Readable } from 'node:stream';
import type { ContentSource } from './content-source.ts';
import type { IdleLimit } from './idle-limit.ts';
import type { BodyEnd, ChunkListener } from './transport.ts';

/** The layers below hold a chunk of 64 KiB or two each: a paused body is to hold 256 KiB at most. */
const BUFFER_BYTES = 16 * 1024;

export interface BodyStreamSettings {
  /** Called when the reader first asks. */
  readonly open: () => ContentSource;
  readonly idle: IdleLimit;
  /** Nothing will come but the end, which is then waited for whether anybody reads or not. */
  readonly empty: boolean;
  /** The content has arrived whole. */
  readonly onWhole: () => void;
  /** The reader gave up before that. */
  readonly onAbandoned: () => void;
  readonly onChunk: ChunkListener | undefined;
  readonly onEnd: (end: BodyEnd) => void;
}

/** A reply's body for its reader: the upstream is read, and its silence counted, only while the reader waits. */
export class BodyStream extends Readable {
  readonly #settings: BodyStreamSettings;
  #content: ContentSource | undefined;
  #pushed = 0;
  #whole = false;
  #told = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(settings: BodyStreamSettings) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#settings = settings;
    // A body that breaks before its reader listens must not end the process; every reader still sees the error.
    this.on('error', () => {});
    if (settings.empty) this.read(0);
  }

  /** The upstream, a limit or a cancellation ended it. */
  break(error: unknown): void {
    this.#broken = { error };
    this.destroy(error as Error);
  }

  override _read(): void {
    this.#settings.idle.arm();
    if (this.#content === undefined) this.#start();
    else this.#content.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const { idle, onAbandoned } = this.#settings;
    idle.disarm();
    if (!this.#whole && this.#broken === undefined) onAbandoned();
    this.#tellEnd({
      bytes: this.#pushed - this.readableLength,
      ...this.#broken,
      abandoned: this.#broken === undefined && !this.readableEnded,
    });
    callback(error);
  }

  #start(): void {
    const content = this.#settings.open();
    this.#content = content;
    content.read({ data: chunk => this.#onData(content, chunk), end: () => this.#onWhole() });
  }

  #onData(content: ContentSource, chunk: Buffer): void {
    const { idle, onChunk } = this.#settings;
    idle.disarm();
    this.#pushed += chunk.length;
    onChunk?.(chunk.length);
    if (!this.push(chunk)) content.pause();
  }

  #onWhole(): void {
    const { idle, onWhole } = this.#settings;
    idle.disarm();
    this.#whole = true;
    onWhole();
    this.push(null);
    // A reader that never looks must not hold what an empty body holds.
    if (this.#pushed === 0) this.#tellEnd({ bytes: 0, abandoned: false });
  }

  #tellEnd(end: BodyEnd): void {
    if (this.#told) return;
    this.#told = true;
    this.#settings.onEnd(end);
  }
}
