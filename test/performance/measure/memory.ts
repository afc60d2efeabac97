import { setTimeout as pause } from 'node:timers/promises';

const QUIET_ROUNDS = 4;
const MOST_ROUNDS = 100;
const SETTLED = 0.999;

/** Bytes of heap in use once everything that can go has gone. Needs `--expose-gc`. */
export async function heapInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  let least = Number.POSITIVE_INFINITY;
  // What closing connections and finalizers free goes some turns later, on a busy machine many.
  for (let round = 0, quiet = 0; quiet < QUIET_ROUNDS && round < MOST_ROUNDS; round++) {
    globalThis.gc();
    const { heapUsed } = process.memoryUsage();
    quiet = heapUsed < least * SETTLED ? 0 : quiet + 1;
    least = Math.min(least, heapUsed);
    await pause(10);
  }
  return least;
}
