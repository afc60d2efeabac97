import type { Endpoint } from './endpoint.ts';

/** Chooses one of the endpoints that an attempt may go to. */
export interface LoadBalancer {
  /** It may refuse, so that it is asked about a single candidate too. */
  readonly mayRefuse: boolean;
  /** `candidates` is never empty; `undefined` refuses them all. */
  choose(candidates: readonly Endpoint[]): Endpoint | undefined;
}

/** A whole number from 0 up to but without `bound`, also from a `random` that draws 1. */
export function drawIndex(random: () => number, bound: number): number {
  return Math.min(Math.floor(random() * bound), bound - 1);
}
