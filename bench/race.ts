import type { Bench } from './section.ts';
import { shuffled } from './statistics.ts';

/** What one slice of one contestant took, by the name of the figure. */
export type Sample = Readonly<Record<string, number>>;

/** One kind of slice, and who takes part in it. */
export interface Lane {
  readonly title: string;
  readonly names: readonly string[];
  /** How often somebody takes part: spread evenly over the rounds of the whole race. */
  rounds(name: string): number;
  measure(name: string): Promise<Sample>;
}

/** The samples of a lane: by contestant, then by number of the round, so that ratios can be taken within a round. */
export type Samples = ReadonlyMap<string, ReadonlyMap<number, Sample>>;

/** Interleaves lanes round by round, contestants in a new order every time, until the rounds or the time are over. */
export async function race<L extends Lane>(
  lanes: readonly L[],
  { until, onProgress }: Pick<Bench, 'until' | 'onProgress'>,
): Promise<ReadonlyMap<L, Samples>> {
  const results = new Map(
    lanes.map(lane => [lane, new Map(lane.names.map(name => [name, new Map<number, Sample>()]))]),
  );
  const rounds = Math.max(...lanes.flatMap(lane => lane.names.map(name => lane.rounds(name))));
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const now = performance.now();
    // Another one would not end in time.
    if (round > 0 && now + (now - startedAt) / round > until) break;
    onProgress(`round ${round + 1} of ${rounds}`);
    for (const lane of lanes) {
      const present = lane.names.filter(name => takesPart(lane.rounds(name) / rounds, round));
      for (const name of shuffled(present, Math.random)) {
        results
          .get(lane)
          ?.get(name)
          ?.set(round, await lane.measure(name));
      }
    }
  }
  return results;
}

const takesPart = (share: number, round: number) =>
  Math.ceil((round + 1) * share - 1e-9) > Math.ceil(round * share - 1e-9);
