import { setTimeout as sleep } from 'node:timers/promises';

/** What is in use once everything that can be collected is: the heap with buffers, and the memory of the process. */
export async function memory(): Promise<{ readonly heapBytes: number; readonly rssBytes: number }> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('start it with --expose-gc');
  for (let turn = 0; turn < 2; turn++) {
    gc();
    // Finalizers, and whatever they let go of, have turns of their own.
    await sleep(5);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}
