export type Job = () => Promise<unknown>;

/** Runs `job` so many times, `concurrency` at a time. */
export async function load(job: Job, times: number, concurrency = 20): Promise<void> {
  let left = times;
  const worker = async () => {
    while (left-- > 0) await job();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
