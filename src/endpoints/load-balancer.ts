import type { Endpoint } from './endpoint.ts';

/** Chooses one of the endpoints that an attempt may go to. */
export interface LoadBalancer {
  /** It may refuse, so that it is asked about a single candidate too. */
  readonly mayRefuse: boolean;
  /** `candidates` is never empty; `undefined` refuses them all. */
  choose(candidates: readonly Endpoint[]): Endpoint | undefined;
}

/** A whole number from 0 up to but without `bound`, whatever a user's own `random` draws. */
export function drawIndex(random: () => number, bound: number): number {
  const index = Math.floor(random() * bound);
  return index > 0 ? Math.min(index, bound - 1) : 0;
}
