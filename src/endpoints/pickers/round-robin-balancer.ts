import type { Endpoint } from '../endpoint.ts';
import type { LoadBalancer } from '../load-balancer.ts';

/** Takes turns by weight, spread evenly instead of in runs (smooth weighted round robin, as in nginx). */
export class RoundRobinBalancer implements LoadBalancer {
  readonly mayRefuse = false;
  /** How far each endpoint is behind its share; the one furthest behind is next. */
  readonly #arrears = new WeakMap<Endpoint, number>();

  choose(candidates: readonly Endpoint[]): Endpoint | undefined {
    let next: Endpoint | undefined;
    let most = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const endpoint of candidates) {
      const arrears = (this.#arrears.get(endpoint) ?? 0) + endpoint.weight;
      this.#arrears.set(endpoint, arrears);
      total += endpoint.weight;
      if (arrears > most) {
        most = arrears;
        next = endpoint;
      }
    }
    if (next !== undefined) this.#arrears.set(next, most - total);
    return next;
  }
}
