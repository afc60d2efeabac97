import { describe, expect, test } from 'vitest';
import type { EndpointPicker, EndpointView } from '../../../src/endpoints/endpoint-picker.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { address, endpointsOnBench, tally } from './endpoints-on-bench.ts';

const NONE = new Set<never>();
const weighted = [address('http://a', 5), address('http://b', 1), address('http://c', 1)];

type Bench = ReturnType<typeof endpointsOnBench>;

const pickUrl = ({ set }: Bench) => set.pick(NONE).endpoint.url;

/** Shares of `count` picks that are over before the next. */
const shares = (bench: Bench, count = 20_000) => {
  const counts = tally(Array.from({ length: count }, () => pickUrl(bench)));
  return (url: string) => (counts.get(url) ?? 0) / count;
};

const answer = (bench: Bench, url: string, durationMs: number, failed = false) => {
  bench.named(url).begin();
  bench.named(url).end(durationMs, failed);
};

describe('peak-ewma', () => {
  test('the slowest of three gets nothing while the others are idle', () => {
    const bench = endpointsOnBench();
    for (const [url, ms] of [
      ['http://a', 10],
      ['http://b', 10],
      ['http://c', 500],
    ] as const)
      answer(bench, url, ms);
    const share = shares(bench);
    expect(share('http://c')).toBe(0);
    expect(share('http://a')).toBeCloseTo(0.5, 1);
  });

  test('two of equal cost share evenly', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a'), address('http://b')] });
    for (const url of ['http://a', 'http://b']) answer(bench, url, 10);
    expect(shares(bench)('http://a')).toBeCloseTo(0.5, 1);
  });

  test('a fast one that is busy loses to a slow one that is not', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a'), address('http://b')] });
    answer(bench, 'http://a', 10);
    answer(bench, 'http://b', 30);
    bench.named('http://a').begin();
    expect(pickUrl(bench)).toBe('http://a');
    bench.named('http://a').begin();
    bench.named('http://a').begin();
    expect(pickUrl(bench)).toBe('http://b');
  });

  test('the weight divides the cost', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a', 4), address('http://b', 1)] });
    answer(bench, 'http://a', 30);
    answer(bench, 'http://b', 10);
    expect(pickUrl(bench)).toBe('http://a');
  });

  test('one that fails fast does not win the traffic', () => {
    const bench = endpointsOnBench({ circuitBreaker: false });
    const picks = Array.from({ length: 600 }, () => {
      const { endpoint } = bench.set.pick(NONE);
      endpoint.begin();
      const failing = endpoint.url === 'http://a';
      bench.clock.advanceSync(failing ? 1 : 20);
      endpoint.end(failing ? 1 : 20, failing);
      return endpoint.url;
    });
    expect(tally(picks).get('http://a')).toBeLessThan(6);
  });

  test('one that was slow is tried again after a while', () => {
    const bench = endpointsOnBench({ endpoints: [address('http://a'), address('http://b')] });
    answer(bench, 'http://a', 500);
    answer(bench, 'http://b', 10);
    expect(pickUrl(bench)).toBe('http://b');
    bench.clock.advanceSync(45_000);
    answer(bench, 'http://b', 10);
    expect(pickUrl(bench)).toBe('http://a');
  });

  test('one without history is tried at most once at a time', () => {
    const bench = endpointsOnBench();
    answer(bench, 'http://a', 10);
    const begun = Array.from({ length: 100 }, () => {
      const { endpoint } = bench.set.pick(NONE);
      endpoint.begin();
      return endpoint.url;
    });
    const counts = tally(begun);
    expect([counts.get('http://b'), counts.get('http://c')]).toEqual([1, 1]);
  });

  test('all without history and busy: the calls spread by load', () => {
    const bench = endpointsOnBench();
    for (let index = 0; index < 300; index++) bench.set.pick(NONE).endpoint.begin();
    for (const { inFlight } of bench.set.all) expect(inFlight).toBeGreaterThan(80);
  });

  test('one whose circuit waits for a trial gets it soon, however slow it was while it failed', () => {
    const bench = endpointsOnBench();
    for (const { url } of bench.set.all) answer(bench, url, 10);
    answer(bench, 'http://a', 8_000, true);
    bench.named('http://a').begin();
    bench.open('http://a');
    bench.clock.advanceSync(6_000);
    const urls = Array.from({ length: 20 }, () => bench.set.pick(NONE).endpoint.url);
    expect(tally(urls).get('http://a')).toBe(1);
  });
});

describe('round-robin', () => {
  test('takes turns by weight, evenly spread', () => {
    const bench = endpointsOnBench({ strategy: 'round-robin', endpoints: weighted });
    const round = Array.from({ length: 14 }, () => pickUrl(bench).slice(-1)).join('');
    expect(round).toBe('aabacaaaabacaa');
  });

  test('one that comes back after being unavailable gets its share again', () => {
    const bench = endpointsOnBench({ strategy: 'round-robin', endpoints: weighted });
    bench.open('http://a');
    shares(bench, 100);
    bench.clock.advanceSync(6_000);
    bench.named('http://a').circuit.acquire()?.success();
    expect(shares(bench, 7_000)('http://a')).toBeCloseTo(5 / 7, 2);
  });
});

describe('random', () => {
  test('draws by weight', () => {
    const share = shares(endpointsOnBench({ strategy: 'random', endpoints: weighted }));
    expect(share('http://a')).toBeCloseTo(5 / 7, 1);
    expect(share('http://b')).toBeCloseTo(1 / 7, 1);
  });

  test('a random that draws its bounds still chooses', () => {
    for (const draw of [0, 1]) {
      for (const strategy of ['random', 'peak-ewma', 'least-request'] as const) {
        expect(pickUrl(endpointsOnBench({ strategy, random: () => draw }))).toMatch(/^http/);
      }
    }
  });
});

describe('least-request', () => {
  test('takes the lowest load for its weight', () => {
    const bench = endpointsOnBench({ strategy: 'least-request', endpoints: weighted });
    for (const { url } of bench.set.all) bench.named(url).begin();
    expect(pickUrl(bench)).toBe('http://a');
    for (let index = 0; index < 10; index++) bench.named('http://a').begin();
    bench.named('http://b').begin();
    expect(pickUrl(bench)).toBe('http://c');
  });

  test('equals share evenly, also when another one is busier', () => {
    const bench = endpointsOnBench({ strategy: 'least-request', random: seededRandom(3) });
    bench.named('http://b').begin();
    const share = shares(bench);
    expect(share('http://a')).toBeCloseTo(0.5, 1);
    expect(share('http://b')).toBe(0);
  });
});

describe('a picker of the user', () => {
  const picking = (pick: EndpointPicker['pick'], endpoints = weighted) =>
    endpointsOnBench({ strategy: { pick }, endpoints });

  test('sees frozen views of the available endpoints and gets the one it chose', () => {
    let seen: readonly EndpointView[] = [];
    const bench = picking(candidates => {
      seen = candidates;
      return candidates[1];
    });
    answer(bench, 'http://a', 12);
    expect(pickUrl(bench)).toBe('http://b');
    expect(seen[0]).toEqual({ url: 'http://a', weight: 5, inFlight: 0, latencyMs: 12 });
    expect(seen[1]).toEqual({ url: 'http://b', weight: 1, inFlight: 0 });
    expect([Object.isFrozen(seen), Object.isFrozen(seen[0])]).toEqual([true, true]);
    bench.open('http://b');
    pickUrl(bench);
    expect(seen.map(({ url }) => url)).toEqual(['http://a', 'http://c']);
  });

  test('may refuse them all, also a single one', () => {
    expect(() => pickUrl(picking(() => undefined, [address('http://a')]))).toThrow(NoEndpointError);
  });

  test('that throws fails the pick with its own error as the cause', () => {
    const own = new Error('out of order');
    const bench = picking(() => {
      throw own;
    });
    expect(() => pickUrl(bench)).toThrow(expect.objectContaining({ code: 'ERR_NO_ENDPOINT', cause: own }));
  });

  test.each([
    ['an endpoint it was not offered', { url: 'http://elsewhere', weight: 1, inFlight: 0 }],
    ['a promise', Promise.resolve({ url: 'http://a' })],
    ['null', null],
    ['a string', 'http://a'],
  ])('that returns %s fails the pick', (_what, returned) => {
    const bench = picking(() => returned as unknown as EndpointView);
    const cause = expect.objectContaining({ message: expect.stringContaining('one of its candidates') });
    expect(() => pickUrl(bench)).toThrow(expect.objectContaining({ code: 'ERR_NO_ENDPOINT', cause }));
  });
});
