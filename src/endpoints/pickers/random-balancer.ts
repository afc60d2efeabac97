import type { Endpoint } from '../endpoint.ts';
import type { LoadBalancer } from '../load-balancer.ts';

/** Draws by weight. */
export class RandomBalancer implements LoadBalancer {
  readonly mayRefuse = false;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  choose(candidates: readonly Endpoint[]): Endpoint | undefined {
    let total = 0;
    for (const { weight } of candidates) total += weight;
    let draw = this.#random() * total;
    for (const endpoint of candidates) {
      draw -= endpoint.weight;
      if (draw < 0) return endpoint;
    }
    return candidates.at(-1);
  }
}
