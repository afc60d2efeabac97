import { setTimeout as pause } from 'node:timers/promises';

/** Bytes of heap in use once everything that can go has gone. Needs `--expose-gc`. */
export async function heapInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    // What is freed by finalizers and closing handles goes a turn later.
    await pause(5);
  }
  return process.memoryUsage().heapUsed;
}
