import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../src/endpoints/endpoint.ts';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { UnhealthyError } from '../../../src/errors/unhealthy-error.ts';
import { ProbeState } from '../../../src/probe/probe-state.ts';
import { Cancellation } from '../../../src/time/cancellation.ts';
import { address, endpointsOnBench, probing, tally } from './endpoints-on-bench.ts';

const NONE = new Set<never>();

type Bench = ReturnType<typeof endpointsOnBench>;

const markDown = (bench: Bench, ...urls: string[]) => {
  for (const url of urls) {
    const probes = new ProbeState({ healthyThreshold: 1, unhealthyThreshold: 1 });
    probes.count(false);
    bench.named(url).probes = probes;
  }
};

const urlsOf = (bench: Bench, tried: ReadonlySet<Endpoint> = NONE, count = 50) =>
  [...tally(Array.from({ length: count }, () => bench.set.pick(tried).endpoint.url)).keys()].sort();

const thrownBy = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('pick', () => {
  test('takes the permit of the endpoint it chose', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a')] });
    bench.set.pick(NONE).permit.failure();
    expect(bench.named('http://a').circuit.state.kind).toBe('open');
  });

  test('leaves out endpoints with an open circuit and those that probes say are down', () => {
    const bench = endpointsOnBench({ probe: probing, strategy: 'round-robin' });
    bench.open('http://a');
    markDown(bench, 'http://b');
    expect(urlsOf(bench)).toEqual(['http://c']);
  });

  test('prefers endpoints that were not tried, and falls back to those that were', () => {
    const bench = endpointsOnBench({ strategy: 'round-robin' });
    const tried = new Set([bench.named('http://a')]);
    expect(urlsOf(bench, tried)).toEqual(['http://b', 'http://c']);
    bench.open('http://b');
    bench.open('http://c');
    expect(urlsOf(bench, tried)).toEqual(['http://a']);
  });

  test('with every circuit open it fails with the shortest time to wait', () => {
    const bench = endpointsOnBench({ random: () => 0.5 });
    bench.open('http://a');
    bench.clock.advanceSync(1_000);
    bench.open('http://b');
    bench.open('http://c');
    const error = thrownBy(() => bench.set.pick(NONE));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ retryAfterMs: 4_000, service: 'users' });
    expect(error).not.toHaveProperty('endpoint');
  });

  test('with a single endpoint the open circuit is named', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a')] });
    bench.open('http://a');
    expect(thrownBy(() => bench.set.pick(NONE))).toMatchObject({ endpoint: 'http://a' });
  });

  test('a circuit that holds any of them decides over probes that hold the rest', () => {
    const bench = endpointsOnBench({ probe: probing });
    markDown(bench, 'http://a', 'http://b');
    bench.open('http://c');
    expect(() => bench.set.pick(NONE)).toThrow(CircuitOpenError);
  });

  test('with every endpoint probed down it fails at once, naming them', () => {
    const bench = endpointsOnBench({ probe: probing });
    markDown(bench, 'http://a', 'http://b', 'http://c');
    const error = thrownBy(() => bench.set.pick(NONE));
    expect(error).toBeInstanceOf(UnhealthyError);
    expect(error).toMatchObject({ endpoints: ['http://a', 'http://b', 'http://c'] });
  });

  test('failFast: false sends to endpoints that are down, but only when no other is left', () => {
    const bench = endpointsOnBench({ probe: { ...probing, failFast: false }, strategy: 'round-robin' });
    markDown(bench, 'http://a', 'http://b');
    expect(urlsOf(bench)).toEqual(['http://c']);
    markDown(bench, 'http://c');
    bench.open('http://b');
    expect(urlsOf(bench)).toEqual(['http://a', 'http://c']);
  });

  test('without any endpoint it says so', () => {
    expect(() => endpointsOnBench({ endpoints: [] }).set.pick(NONE)).toThrow(NoEndpointError);
  });

  test('an endpoint that probes call up again is still held by its circuit until its trial', async () => {
    const bench = endpointsOnBench({ probe: probing, endpoints: [address('http://a')] });
    bench.open('http://a');
    const probes = new ProbeState(probing);
    probes.count(true);
    bench.named('http://a').probes = probes;
    expect(() => bench.set.pick(NONE)).toThrow(CircuitOpenError);
    await bench.clock.advance(6_000);
    expect(bench.set.pick(NONE).endpoint.url).toBe('http://a');
    expect(() => bench.set.pick(NONE)).toThrow(CircuitOpenError);
  });
});

describe('looking ahead', () => {
  test('hasOther means another one that is available', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a'), address('http://b')] });
    const tried = new Set([bench.named('http://a')]);
    expect(bench.set.hasOther(tried)).toBe(true);
    bench.open('http://b');
    expect(bench.set.hasOther(tried)).toBe(false);
  });

  test('a retry after the open time has no obstacle, one before it does', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a')], random: () => 0.5 });
    expect(bench.set.retryObstacle(0)).toBeUndefined();
    bench.open('http://a');
    expect(bench.set.retryObstacle(4_999)).toBe('circuit-open');
    expect(bench.set.retryObstacle(5_000)).toBeUndefined();
  });

  test('probes are an obstacle that no delay removes, unless failFast is off', () => {
    for (const [failFast, obstacle] of [
      [true, 'no-endpoint'],
      [false, undefined],
    ] as const) {
      const bench = endpointsOnBench({ endpoints: [address('http://a')], probe: { ...probing, failFast } });
      markDown(bench, 'http://a');
      expect(bench.set.retryObstacle(60_000)).toBe(obstacle);
    }
  });

  test('with tried endpoints only the others count', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a')] });
    expect(bench.set.retryObstacle(0, new Set(bench.set.all))).toBe('no-endpoint');
  });
});

describe('refusesAll', () => {
  const conditions = ['well', 'open', 'down', 'open and down'];
  const pairs = conditions.flatMap(a => conditions.map(b => [a, b] as const));

  test.each(pairs)('is true when a pick would fail: one %s, the other %s', (...pair) => {
    for (const failFast of [true, false]) {
      const bench = endpointsOnBench({
        endpoints: [address('http://a'), address('http://b')],
        probe: { ...probing, failFast },
      });
      for (const [index, url] of ['http://a', 'http://b'].entries()) {
        if (pair[index]?.includes('open')) bench.open(url);
        if (pair[index]?.includes('down')) markDown(bench, url);
      }
      const refuses = bench.set.refusesAll;
      const picks = () => bench.set.pick(NONE);
      if (refuses) expect(thrownBy(picks)).toEqual(bench.set.refusal());
      else expect(picks).not.toThrow();
    }
  });

  test('is false once a trial may be made, and without endpoints, which may be found yet', async () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a')] });
    bench.open('http://a');
    expect(bench.set.refusesAll).toBe(true);
    await bench.clock.advance(5_000);
    expect(bench.set.refusesAll).toBe(false);
    expect(endpointsOnBench({ endpoints: [] }).set.refusesAll).toBe(false);
  });
});

describe('update', () => {
  test('keeps the state of endpoints that stay, and takes their new weight', () => {
    const bench = endpointsOnBench();
    const before = bench.named('http://a');
    bench.open('http://a');
    bench.set.update([address('http://a', 3), address('http://d')]);
    expect(bench.named('http://a')).toBe(before);
    expect([before.weight, before.circuit.state.kind]).toEqual([3, 'open']);
  });

  test('tells what was added and removed, and nothing when nothing changed', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a'), address('http://b')] });
    bench.set.update([address('http://b'), address('http://c')]);
    expect(bench.events.all).toEqual([
      { name: 'endpoint:added', fields: { endpoint: 'http://c', reason: 'discovered' } },
      { name: 'endpoint:removed', fields: { endpoint: 'http://a', reason: 'no longer discovered' } },
    ]);
    bench.events.clear();
    bench.set.update([address('http://c'), address('http://b')]);
    expect(bench.events.all).toEqual([]);
  });

  test('attempts under way at a removed endpoint end without a trace', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a')] });
    const { endpoint, permit } = bench.set.pick(NONE);
    endpoint.begin();
    bench.set.update([address('http://b')]);
    bench.events.clear();
    permit.failure();
    endpoint.end(5, true);
    expect([bench.events.all, endpoint.inFlight]).toEqual([[], 0]);
  });

  test('a removed endpoint is never picked again, whatever happens meanwhile', () => {
    const urls = ['http://a', 'http://b', 'http://c', 'http://d'];
    const step = fc.oneof(
      fc.record({ list: fc.subarray(urls, { minLength: 1 }) }),
      fc.record({ verdict: fc.constantFrom('success' as const, 'failure' as const, 'neutral' as const) }),
      fc.record({ advanceMs: fc.nat(8_000) }),
    );
    const strategies = fc.constantFrom('peak-ewma', 'round-robin', 'random', 'least-request');
    fc.assert(
      fc.property(strategies, fc.array(step, { maxLength: 60 }), (strategy, steps) => {
        const bench = endpointsOnBench({
          strategy: strategy as 'random',
          endpoints: urls.map(url => address(url)),
        });
        let live = urls;
        const seen = new Set<Endpoint>();
        for (const move of steps) {
          if ('list' in move) {
            live = move.list;
            bench.set.update(live.map(url => address(url)));
          } else if ('advanceMs' in move) bench.clock.advanceSync(move.advanceMs);
          else {
            let picked: ReturnType<typeof bench.set.pick>;
            try {
              picked = bench.set.pick(NONE);
            } catch {
              continue;
            }
            expect(live).toContain(picked.endpoint.url);
            seen.add(picked.endpoint);
            picked.endpoint.begin();
            picked.permit[move.verdict]();
            picked.endpoint.end(10, move.verdict === 'failure');
          }
        }
        for (const { inFlight } of seen) expect(inFlight).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

test('waits for what fills it, and stops it when closed', () => {
  const bench = endpointsOnBench({ endpoints: [] });
  expect(bench.set.ready(new Cancellation())).toBeUndefined();
  const filled = Promise.resolve();
  let stopped = false;
  bench.set.follow({
    ready: () => filled,
    stop: () => {
      stopped = true;
    },
  });
  expect(bench.set.ready(new Cancellation())).toBe(filled);
  bench.set.close();
  expect(stopped).toBe(true);
});
