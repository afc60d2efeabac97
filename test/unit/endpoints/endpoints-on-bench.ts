import { circuitFactory } from '../../../src/breaker/circuit-factory.ts';
import type { Endpoint } from '../../../src/endpoints/endpoint.ts';
import type { EndpointPicker } from '../../../src/endpoints/endpoint-picker.ts';
import { EndpointSet } from '../../../src/endpoints/endpoint-set.ts';
import type {
  ResolvedCircuitBreaker,
  ResolvedEndpoint,
  ResolvedOptions,
  ResolvedProbe,
} from '../../../src/options/resolved-options.ts';
import { EventRecorder } from '../../support/event-recorder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export const probing: ResolvedProbe = {
  path: '/health',
  intervalMs: 10_000,
  timeoutMs: 2_000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  failFast: true,
};

/** Opens at the first failure. */
export const touchy: ResolvedCircuitBreaker = {
  failureRatio: 1,
  minThroughput: 1,
  windowMs: 30_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
};

export const address = (url: string, weight = 1): ResolvedEndpoint => ({
  url,
  weight,
  serverName: undefined,
  hostHeader: undefined,
});

interface Bench {
  endpoints?: readonly ResolvedEndpoint[];
  strategy?: ResolvedOptions['loadBalancing']['strategy'] | EndpointPicker;
  circuitBreaker?: ResolvedCircuitBreaker | false;
  probe?: ResolvedProbe | false;
  random?: () => number;
}

/** A set of endpoints on a clock that stands still, with what it told. */
export function endpointsOnBench(bench: Bench = {}) {
  const clock = new ManualClock();
  const events = new EventRecorder();
  const random = bench.random ?? seededRandom(1);
  const options = {
    name: 'users',
    endpoints: bench.endpoints ?? [address('http://a'), address('http://b'), address('http://c')],
    loadBalancing: { strategy: bench.strategy ?? 'peak-ewma' },
    circuitBreaker: bench.circuitBreaker ?? touchy,
    probe: bench.probe ?? false,
    clock,
    random,
  };
  const set = new EndpointSet({ options, events, circuits: circuitFactory(options) });
  const named = (url: string): Endpoint => {
    const endpoint = set.all.find(candidate => candidate.url === url);
    if (endpoint === undefined) throw new Error(`no endpoint ${url}`);
    return endpoint;
  };
  const open = (url: string) => named(url).circuit.acquire()?.failure();
  return { clock, events, options, set, named, open };
}

/** How often each value occurs. */
export function tally<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
