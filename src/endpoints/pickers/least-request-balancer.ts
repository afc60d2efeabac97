import type { Endpoint } from '../endpoint.ts';
import type { LoadBalancer } from '../load-balancer.ts';

/**
 * The candidate with the lowest `(inFlight + 1) / weight` of all, since the counts are exact in one process.
 * Between equals the draw decides, so that many clients do not all begin with the same endpoint.
 */
export class LeastRequestBalancer implements LoadBalancer {
  readonly mayRefuse = false;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  choose(candidates: readonly Endpoint[]): Endpoint | undefined {
    let least: Endpoint | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    let equals = 0;
    for (const endpoint of candidates) {
      const load = (endpoint.inFlight + 1) / endpoint.weight;
      if (load > lowest) continue;
      equals = load < lowest ? 1 : equals + 1;
      lowest = load;
      // The n-th of equals takes the place of those before it once in n times: each ends up with the same share.
      if (equals === 1 || this.#random() * equals < 1) least = endpoint;
    }
    return least;
  }
}
