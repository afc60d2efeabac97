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
  const order = spreadRounds(rounds);
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const now = performance.now();
    // Another one would not end in time.
    if (round > 0 && now + (now - startedAt) / round > until) break;
    onProgress(`round ${round + 1} of ${rounds}`);
    const rank = order.indexOf(round);
    for (const lane of lanes) {
      const present = lane.names.filter(name => rank < lane.rounds(name));
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

/**
 * Whoever has n rounds takes part in those that come before the nth here: spread evenly, and all of them rounds of whoever has
 * more, since ratios are taken within a round.
 */
function spreadRounds(rounds: number): readonly number[] {
  const bits = Math.ceil(Math.log2(Math.max(2, rounds)));
  return Array.from({ length: 2 ** bits }, (_, index) => reversed(index, bits)).filter(
    round => round < rounds,
  );
}

function reversed(value: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result = result * 2 + ((value >> bit) & 1);
  return result;
}
