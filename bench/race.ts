import { Child } from './child.ts';
import type { Slice, SliceResult } from './slice.ts';
import { shuffled } from './statistics.ts';

export interface RaceSettings {
  readonly names: readonly string[];
  readonly slices: readonly Pick<Slice, 'job' | 'concurrency'>[];
  readonly rounds: number;
  readonly sliceMs: number;
  /** Load before anything is counted: got takes seconds until it is warm. */
  readonly warmUpMs: number;
  readonly onProgress: (text: string) => void;
}

/** The results of one contestant in one kind of slice, a round each. */
export type Results = Map<string, SliceResult[]>;

export const sliceKey = (name: string, { job, concurrency }: Pick<Slice, 'job' | 'concurrency'>) =>
  `${name} ${job} ${concurrency}`;

/** Runs everybody against one server, interleaved, in a new order every round. */
export async function race(settings: RaceSettings): Promise<Results> {
  const { names, slices, rounds, sliceMs, warmUpMs, onProgress } = settings;
  const server = new Child('./server.ts');
  const results: Results = new Map();
  const children = new Map<string, Child>();
  try {
    const { port } = (await server.ready) as { port: number };
    for (const name of names) {
      const child = new Child('./contestant-process.ts', [name, `http://127.0.0.1:${port}`]);
      children.set(name, child);
      await child.ready;
      onProgress(`warming up ${name}`);
      const [first] = slices;
      if (first) await child.ask({ ...first, concurrency: 50, warmUpMs: 0, ms: warmUpMs });
    }
    await verifyReuse(server);
    for (let round = 1; round <= rounds; round++) {
      onProgress(`round ${round} of ${rounds}`);
      for (const slice of slices) {
        for (const [name, child] of shuffled([...children], Math.random)) {
          const result = (await child.ask({ ...slice, warmUpMs: 250, ms: sliceMs })) as SliceResult;
          const key = sliceKey(name, slice);
          results.set(key, [...(results.get(key) ?? []), result]);
        }
      }
    }
    return results;
  } finally {
    for (const child of children.values()) child.stop();
    server.stop();
  }
}

/** A client that opens a connection per request would be measured for something else. */
async function verifyReuse(server: Child): Promise<void> {
  const { requests, connections } = (await server.ask({})) as { requests: number; connections: number };
  if (connections > requests / 10)
    throw new Error(`${connections} connections for ${requests} requests: not reused`);
}
