import type { Samples } from '../race.ts';
import { median, quantile } from '../statistics.ts';

/** A median with its quartiles. */
export interface Spread {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export interface Line {
  readonly name: string;
  readonly value: number;
  /** To the reference in the same round. */
  readonly ratio: Spread;
  readonly rounds: number;
}

export const spread = (values: readonly number[]): Spread => ({
  low: quantile(values, 0.25),
  middle: median(values),
  high: quantile(values, 0.75),
});

/** The median of a figure over all rounds of a contestant. */
export const figure = (samples: Samples, name: string, key: string): number =>
  median([...(samples.get(name)?.values() ?? [])].map(sample => sample[key] ?? Number.NaN));

/** One contestant's figure over another's, in the rounds both took part in. */
export function ratio(samples: Samples, name: string, reference: string, key: string): Spread {
  const others = samples.get(reference);
  const ratios = [...(samples.get(name) ?? [])].map(
    ([round, sample]) => (sample[key] ?? Number.NaN) / (others?.get(round)?.[key] ?? Number.NaN),
  );
  return spread(ratios.filter(Number.isFinite));
}

/** Everybody's, least first. */
export function linesOf(samples: Samples, key: string, reference: string): readonly Line[] {
  return [...samples]
    .map(([name, rounds]) => ({
      name,
      value: figure(samples, name, key),
      ratio: ratio(samples, name, reference, key),
      rounds: rounds.size,
    }))
    .sort((a, b) => a.value - b.value);
}
