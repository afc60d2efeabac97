import { performance } from 'node:perf_hooks';
import { CONTESTANTS } from './contestants/all.ts';
import type { Slice, SliceResult } from './slice.ts';

/** One contestant in a process of its own: runs slices of load when told to, and says what they took. */
const [name = '', url = ''] = process.argv.slice(2);
const make = CONTESTANTS[name];
if (make === undefined) throw new Error(`no contestant "${name}"`);
const contestant = await make(url);

process.on('message', (slice: Slice) => {
  run(slice).then(
    result => process.send?.(result),
    (error: unknown) => {
      console.error(name, error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

async function run({ job, concurrency, warmUpMs, ms }: Slice): Promise<SliceResult> {
  const send = () => contestant[job]();
  await load(send, concurrency, warmUpMs);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const latencies = await load(send, concurrency, ms);
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return {
    requests: latencies.length,
    cpuUs: (user + system) / latencies.length,
    perSecond: latencies.length / (elapsedMs / 1000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    rssBytes: process.memoryUsage.rss(),
  };
}

/** Keeps `concurrency` calls in flight for `ms` milliseconds; every answer is looked at. */
async function load(send: () => Promise<unknown>, concurrency: number, ms: number): Promise<number[]> {
  const latencies: number[] = [];
  const until = performance.now() + ms;
  const worker = async () => {
    for (let now = performance.now(); now < until; ) {
      const startedAt = now;
      const data = await send();
      if (typeof data !== 'object' || data === null) throw new Error('no data arrived');
      now = performance.now();
      latencies.push(now - startedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return latencies;
}
