import type { Endpoint } from '../endpoint.ts';
import { drawIndex, type LoadBalancer } from '../load-balancer.ts';

/**
 * Two random candidates, the one with the lower `latency * (inFlight + 1) / weight` (power of two choices).
 *
 * An endpoint without history costs nothing, but is tried only once at a time as long as there is another one. One whose
 * circuit waits for its trial costs nothing either: what it cost while it failed would keep it from ever being tried.
 */
export class PeakEwmaBalancer implements LoadBalancer {
  readonly mayRefuse = false;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  choose(candidates: readonly Endpoint[]): Endpoint | undefined {
    const free = candidates.some(isBeingTried)
      ? candidates.filter(candidate => !isBeingTried(candidate))
      : candidates;
    const pool = free.length > 0 ? free : candidates;
    const first = drawIndex(this.#random, pool.length);
    if (pool.length === 1) return pool[0];
    const second = (first + 1 + drawIndex(this.#random, pool.length - 1)) % pool.length;
    return cheaper(pool[first]!, pool[second]!);
  }
}

/** Nothing is known of it yet, and an attempt is about to tell. */
function isBeingTried(endpoint: Endpoint): boolean {
  return !endpoint.hasHistory && endpoint.inFlight > 0 && !awaitsTrial(endpoint);
}

/** A candidate whose circuit is not closed is one that may be given its trial. */
function awaitsTrial({ circuit }: Endpoint): boolean {
  return circuit.state.kind === 'open' || circuit.state.kind === 'half-open';
}

function cheaper(first: Endpoint, second: Endpoint): Endpoint {
  const difference = cost(first) - cost(second);
  if (difference !== 0) return difference < 0 ? first : second;
  return load(second) < load(first) ? second : first;
}

function cost(endpoint: Endpoint): number {
  return awaitsTrial(endpoint) ? 0 : (endpoint.latencyMs ?? 0) * load(endpoint);
}

function load(endpoint: Endpoint): number {
  return (endpoint.inFlight + 1) / endpoint.weight;
}
