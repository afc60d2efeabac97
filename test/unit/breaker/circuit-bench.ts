import type { CircuitWatcher } from '../../../src/breaker/circuit.ts';
import { circuitFactory } from '../../../src/breaker/circuit-factory.ts';
import type { Permit } from '../../../src/breaker/permit.ts';
import type { ResolvedCircuitBreaker } from '../../../src/options/resolved-options.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Draws the middle, which the jitter leaves as it is. */
export const noJitter = () => 0.5;

export const defaults: ResolvedCircuitBreaker = {
  failureRatio: 0.5,
  minThroughput: 20,
  windowMs: 30_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
};

/** A circuit on a clock that stands still, with what it told its watcher. */
export function circuitOnBench(options: Partial<ResolvedCircuitBreaker> = {}, random = noJitter) {
  const clock = new ManualClock();
  const told: string[] = [];
  const watcher: CircuitWatcher = {
    circuitOpened: (reason, retryAfterMs) => told.push(`open ${retryAfterMs}: ${reason}`),
    circuitHalfOpened: reason => told.push(`half-open: ${reason}`),
    circuitClosed: reason => told.push(`close: ${reason}`),
  };
  const circuit = circuitFactory({ circuitBreaker: { ...defaults, ...options }, clock, random })(watcher);
  const take = (): Permit => {
    const permit = circuit.acquire();
    if (permit === undefined) throw new Error('the circuit gave no permit');
    return permit;
  };
  const report = (verdict: keyof Permit, times = 1) => {
    for (let index = 0; index < times; index++) take()[verdict]();
  };
  return { circuit, clock, told, take, report };
}
