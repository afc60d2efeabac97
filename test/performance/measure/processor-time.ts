import { calibration } from './calibration.ts';
import { contestants } from './contestants.ts';
import { load, median } from './load.ts';
import { refusedCalls } from './refusing-client.ts';
import { startServer } from './start-server.ts';

/**
 * Processor time of calls in that of a reference. Both take turns within a round, so that a busy machine hits both, and the middle one of
 * the rounds is told.
 */
const ROUNDS = 11;

type Work = (times: number) => Promise<unknown>;

const each =
  (job: () => Promise<unknown>): Work =>
  times =>
    load(job, times);

const { got, overGot, pipeline } = contestants(await startServer());
const refused = await refusedCalls();
for (const job of [got, overGot]) await load(job, 8000);
for (const job of [pipeline, refused]) await load(job, 20_000);
await calibration(50_000);
process.send?.({
  overGot: await ratio(each(overGot), each(got), 250),
  pipeline: await ratio(each(pipeline), calibration, 2000),
  refusal: await ratio(each(refused), calibration, 4000),
});

async function ratio(contestant: Work, reference: Work, times: number): Promise<number> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? [contestant, reference] : [reference, contestant];
    const taken = new Map<Work, number>();
    for (const work of order) taken.set(work, await processorTime(() => work(times)));
    ratios.push((taken.get(contestant) ?? 0) / (taken.get(reference) ?? 0));
  }
  return median(ratios);
}

async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
