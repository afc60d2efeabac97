import type { Clock, Timer } from '../../../src/time/clock.ts';
import type { ContentSink, ContentSource } from '../../../src/transport/content-source.ts';

/** The bytes that a server has for a call: of no other call's, and none like the next. */
export function contentOf(call: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index++) bytes[index] = (call * 31 + index * 7 + (index >> 8)) & 0xff;
  return bytes;
}

export interface ContentPlan {
  readonly bytes: Uint8Array;
  /** How large the next chunk is. */
  readonly chunkBytes: () => number;
  readonly chunkMs: number;
  /** The first chunk came with the head. */
  readonly prompt: boolean;
  /** The connection is cut after so many bytes, or nothing more comes. */
  readonly cutAfter: number | undefined;
  readonly stallAfter: number | undefined;
}

/** A body on its way, chunk by chunk, as fast as its reader takes it. */
export class PacedContent implements ContentSource {
  readonly #clock: Clock;
  readonly #plan: ContentPlan;
  readonly #onWhole: () => void;
  readonly #onCut: () => void;
  #sink: ContentSink | undefined;
  #sent = 0;
  #paused = false;
  #over = false;
  #timer: Timer | undefined;

  constructor(clock: Clock, plan: ContentPlan, onWhole: () => void, onCut: () => void) {
    this.#clock = clock;
    this.#plan = plan;
    this.#onWhole = onWhole;
    this.#onCut = onCut;
  }

  read(sink: ContentSink): void {
    this.#sink = sink;
    if (this.#plan.prompt) this.#next();
    else this.#flow();
  }

  pause(): void {
    this.#paused = true;
    this.#timer?.clear();
    this.#timer = undefined;
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  /** The connection is gone. */
  stop(): void {
    this.#over = true;
    this.#timer?.clear();
  }

  #flow(): void {
    if (this.#paused || this.#over || this.#timer !== undefined || this.#sink === undefined) return;
    if (this.#sent === this.#plan.stallAfter) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#next();
    }, this.#plan.chunkMs);
  }

  #next(): void {
    const { bytes, chunkBytes, cutAfter, stallAfter } = this.#plan;
    if (this.#over || this.#sent === stallAfter) return;
    if (this.#sent === cutAfter) {
      this.#onCut();
      return;
    }
    if (this.#sent === bytes.length) {
      this.#over = true;
      this.#onWhole();
      this.#sink?.end();
      return;
    }
    const end = Math.min(
      this.#sent + chunkBytes(),
      bytes.length,
      cutAfter ?? Infinity,
      stallAfter ?? Infinity,
    );
    const chunk = bytes.subarray(this.#sent, end);
    this.#sent = end;
    this.#sink?.data(Buffer.from(chunk));
    this.#flow();
  }
}
