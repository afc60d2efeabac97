import { fewAtATime } from './few-at-a-time.ts';
import { Child } from './processes/child.ts';
import type { ContestantOrder, Job, TuningName } from './processes/contestant-process.ts';
import type { Sample } from './race.ts';

/** Contestants in processes of their own. */
export interface Contestants {
  ask(name: string, order: ContestantOrder): Promise<Sample>;
  /** A slice of load, and as much as is needed right before it to get caches and sockets warm again. */
  slice(name: string, job: Job, concurrency: number, ms: number, warmUpMs: number): Promise<Sample>;
  stop(): Promise<void>;
}

interface Settings {
  readonly names: readonly string[];
  readonly url: string;
  readonly tuning?: TuningName;
  readonly execArgv?: readonly string[];
}

/** Loads do not disturb each other while nothing is measured. */
const AT_ONCE = 2;

export async function startContestants({
  names,
  url,
  tuning = 'usual',
  execArgv = [],
}: Settings): Promise<Contestants> {
  const children = new Map<string, Child>();
  const ask = (name: string, order: ContestantOrder) => {
    const child = children.get(name);
    if (child === undefined) throw new Error(`${name} was not started`);
    return child.ask<Sample>(order);
  };
  const stop = async () => {
    await Promise.all([...children.values()].map(child => child.stop()));
  };
  try {
    await fewAtATime(names, AT_ONCE, async name => {
      const child = new Child('./contestant-process.ts', [name, url, tuning], execArgv);
      children.set(name, child);
      await child.ready;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ask,
    stop,
    slice: async (name, job, concurrency, ms, warmUpMs) => {
      await ask(name, { order: 'load', job, concurrency, ms: warmUpMs });
      return ask(name, { order: 'load', job, concurrency, ms });
    },
  };
}

/** The load that gets the compiler through: got needs three times as much as others. */
export async function warmUp(
  contestants: Contestants,
  names: readonly string[],
  jobs: readonly Job[],
  gotMs: number,
): Promise<void> {
  await fewAtATime(names, AT_ONCE, async name => {
    const ms = (name.includes('got') ? gotMs : gotMs / 3) / jobs.length;
    for (const job of jobs) await contestants.ask(name, { order: 'load', job, concurrency: 50, ms });
  });
}
