import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCpu } from './cpu.ts';

const MAX_ATTEMPTS = 10;

export type Send = () => Promise<unknown>;

/** What a stretch of load took. The CPU is the main figure, since it holds while neighbours are busy. */
export async function load(send: Send, concurrency: number, ms: number) {
  const latencies: number[] = [];
  const used = startCpu();
  const startedAt = performance.now();
  const until = startedAt + ms;
  const worker = async () => {
    for (let now = performance.now(); now < until; ) {
      const begunAt = now;
      await answered(send);
      now = performance.now();
      latencies.push(now - begunAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const cpuUs = used() / latencies.length;
  const perSecond = latencies.length / ((performance.now() - startedAt) / 1_000);
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return { cpuUs, perSecond, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Every answer is looked at. */
async function answered(send: Send): Promise<void> {
  const data = await send();
  if (typeof data !== 'object' || data === null) throw new Error('no data arrived');
}

/** What each call allocates. Needs a young generation that holds it all: a collection within would hide it. */
export async function allocations(send: Send, concurrency: number, calls: number) {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    let collections = 0;
    const observer = new PerformanceObserver(list => {
      collections += list.getEntries().length;
    });
    observer.observe({ entryTypes: ['gc'] });
    const before = process.memoryUsage().heapUsed;
    let left = calls;
    const worker = async () => {
      while (left-- > 0) await answered(send);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    const allocated = process.memoryUsage().heapUsed - before;
    // The observer is told in a turn of its own.
    await sleep(5);
    observer.disconnect();
    if (collections === 0) return { heapKib: allocated / calls / 1_024 };
  }
  throw new Error('collected every time');
}
