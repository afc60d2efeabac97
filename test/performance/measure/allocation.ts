import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { contestants } from './contestants.ts';
import { load, median } from './load.ts';
import { startServer } from './start-server.ts';

/**
 * Bytes of heap that a call takes. Run with a young generation so large that most slices see no collection; the others are left out,
 * as after a collection the heap says nothing of what was taken.
 */
const WARM_UP_CALLS = 1500;
const SLICE_CALLS = 200;
const CLEAN_SLICES = 7;

let collections = 0;
new PerformanceObserver(list => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

const jobs = Object.entries(contestants(await startServer()));
for (const [, job] of jobs) await load(job, WARM_UP_CALLS);

const found = new Map<string, number[]>(jobs.map(([name]) => [name, []]));
const unfinished = () => jobs.filter(([name]) => (found.get(name)?.length ?? 0) < CLEAN_SLICES);
for (let left = unfinished(); left.length > 0; left = unfinished()) {
  for (const [name, job] of left) {
    const before = { collections, heap: process.memoryUsage().heapUsed };
    await load(job, SLICE_CALLS);
    const taken = process.memoryUsage().heapUsed - before.heap;
    // Collections are told of a turn later.
    await turn();
    await turn();
    if (collections === before.collections) found.get(name)?.push(taken / SLICE_CALLS);
  }
}
process.send?.(Object.fromEntries([...found].map(([name, bytes]) => [name, median(bytes)])));
