import { GCProfiler, type HeapSpaceStatistics, type HeapStatistics } from 'node:v8';
import { contestants } from './contestants.ts';
import { load } from './load.ts';
import { startServer } from './start-server.ts';

/** Share of what calls on got allocate that is still there after the young collections that follow. */
const WARM_UP_CALLS = 15_000;
const CALLS = 10_000;
const CONCURRENCY = 50;

interface Heap {
  readonly heapStatistics: HeapStatistics;
  readonly heapSpaceStatistics: readonly HeapSpaceStatistics[];
}

const { overGot } = contestants(await startServer());
await load(overGot, WARM_UP_CALLS, CONCURRENCY);
const profiler = new GCProfiler();
profiler.start();
await load(overGot, CALLS, CONCURRENCY);
const { statistics } = profiler.stop();

let allocated = 0;
let survived = 0;
let youngBefore: number | undefined;
for (const { gcType, beforeGC, afterGC } of statistics as readonly {
  gcType: string;
  beforeGC: Heap;
  afterGC: Heap;
}[]) {
  if (gcType === 'Scavenge') {
    if (youngBefore !== undefined) allocated += young(beforeGC) - youngBefore;
    if (youngBefore !== undefined) survived += used(afterGC) - used(beforeGC) + young(beforeGC) - youngBefore;
  }
  youngBefore = young(afterGC);
}
process.send?.({ share: survived / allocated, collections: statistics.length });

function used({ heapStatistics }: Heap): number {
  return (heapStatistics as unknown as { usedHeapSize: number }).usedHeapSize;
}

function young({ heapSpaceStatistics }: Heap): number {
  const spaces = heapSpaceStatistics as unknown as readonly { spaceName: string; spaceUsedSize: number }[];
  return spaces.find(({ spaceName }) => spaceName === 'new_space')?.spaceUsedSize ?? 0;
}
