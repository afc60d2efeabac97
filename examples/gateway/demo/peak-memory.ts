import { VIDEO_BYTES } from '../service/video.ts';

/** Half of the download. What the gateway takes is mostly Node itself, and chunks that wait for the garbage collector. */
export const LARGEST_MEMORY_BYTES = VIDEO_BYTES / 2;

const EVERY_MS = 25;

/** Watches how much memory this process takes, which is the gateway's. */
export class PeakMemory {
  bytes = process.memoryUsage.rss();
  readonly #timer = setInterval(() => {
    this.bytes = Math.max(this.bytes, process.memoryUsage.rss());
  }, EVERY_MS);

  stop(): void {
    clearInterval(this.#timer);
  }
}
