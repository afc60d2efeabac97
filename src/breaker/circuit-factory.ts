import type { ResolvedOptions } from '../options/resolved-options.ts';
import { type Circuit, type CircuitFactory, CountingCircuit } from './circuit.ts';
import type { Permit } from './permit.ts';

const ignore = () => undefined;
const FREE_PERMIT: Permit = Object.freeze({ success: ignore, failure: ignore, neutral: ignore });

/** The circuit of every endpoint when `circuitBreaker` is `false`. */
const OPEN_ROAD: Circuit = Object.freeze({
  state: Object.freeze({ kind: 'disabled' }),
  acquire: () => FREE_PERMIT,
  retryAfterMs: () => 0,
  shutdown: ignore,
});

/** How a client's endpoints get their circuits: one each, all by the same options. */
export function circuitFactory({
  circuitBreaker,
  clock,
  random,
}: Pick<ResolvedOptions, 'circuitBreaker' | 'clock' | 'random'>): CircuitFactory {
  if (circuitBreaker === false) return () => OPEN_ROAD;
  const init = { options: circuitBreaker, clock, random };
  return watcher => new CountingCircuit(init, watcher);
}
