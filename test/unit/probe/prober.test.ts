import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../src/endpoints/endpoint.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import type { ResolvedProbe } from '../../../src/options/resolved-options.ts';
import type { SendProbe } from '../../../src/probe/probe-endpoint.ts';
import { Prober } from '../../../src/probe/prober.ts';
import type { Cancellation } from '../../../src/time/cancellation.ts';
import { settlePromises } from '../../support/manual-clock.ts';
import { address, endpointsOnBench, probing } from '../endpoints/endpoints-on-bench.ts';

interface Sent {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly at: number;
  readonly cancellation: Cancellation;
}

const refused = () => new NetworkError({ service: 'users', phase: 'connect', systemCode: 'ECONNREFUSED' });

/** A prober whose probes are answered by `answer`: a status, an error to reject with, or never. */
function proberOnBench({
  answer = () => 200,
  probe = probing,
  urls = ['http://a'],
  random = () => 0,
}: {
  answer?: (sent: Sent) => number | Error | 'never';
  probe?: ResolvedProbe | false;
  urls?: readonly string[];
  random?: () => number;
} = {}) {
  const bench = endpointsOnBench({ probe, endpoints: urls.map(url => address(url)), random });
  const sent: Sent[] = [];
  const send: SendProbe = (endpoint, path, _timeoutMs, cancellation) => {
    const probed = { endpoint, path, at: bench.clock.monotonic(), cancellation };
    sent.push(probed);
    const reply = answer(probed);
    if (reply === 'never') return new Promise(() => undefined);
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve({ status: reply });
  };
  const { options, set: endpoints, events } = bench;
  const defaults = { path: '/health', timeoutMs: 2_000 };
  const prober = new Prober({ options, defaults, endpoints, events, send });
  return { ...bench, prober, sent, times: () => sent.map(({ at }) => at) };
}

describe('rounds', () => {
  test('begin as soon as the event loop comes round and go on by the interval', async () => {
    const { prober, clock, times, sent } = proberOnBench();
    prober.start();
    expect(sent).toEqual([]);
    await clock.advance(30_000);
    expect(times()).toEqual([0, 10_000, 20_000, 30_000]);
    expect(sent[0]).toMatchObject({ path: '/health' });
  });

  test('come up to a tenth early by the injected random, never late', async () => {
    const draws = [0.999_999, 0.5, 0];
    const { prober, clock, times } = proberOnBench({ random: () => draws.shift() ?? 0 });
    prober.start();
    await clock.advance(30_000);
    const [first = 0, second = 0, third = 0, fourth = 0] = times();
    expect([second - first, third - second, fourth - third].map(Math.round)).toEqual([9_000, 9_500, 10_000]);
  });

  test('never keep the process alive', async () => {
    const { prober, clock } = proberOnBench({ answer: () => 'never' });
    prober.start();
    await clock.advance(500);
    expect(clock.timers.map(({ unreferenced }) => unreferenced)).toEqual([true, true]);
  });

  test('there are none while probing is off', async () => {
    const { prober, clock, sent } = proberOnBench({ probe: false });
    prober.start();
    await clock.advance(60_000);
    expect([sent, clock.pending]).toEqual([[], 0]);
  });

  test('starting twice does not double them', async () => {
    const { prober, clock, sent } = proberOnBench();
    prober.start();
    prober.start();
    await clock.advance(10_000);
    expect(sent).toHaveLength(2);
  });

  test('do not carry the context of the code that started them', async () => {
    const storage = new AsyncLocalStorage<string>();
    let seen: unknown = 'not called';
    const { prober, clock } = proberOnBench({
      answer: () => {
        seen = storage.getStore();
        return 200;
      },
    });
    // As the system's timers do, and this clock's do not.
    const setTimer = clock.setTimeout.bind(clock);
    clock.setTimeout = (fn, ms) => setTimer(AsyncResource.bind(fn), ms);
    storage.run('a call', () => prober.start());
    await clock.advance(0);
    expect(seen).toBeUndefined();
  });
});

describe('a probe', () => {
  test('that takes longer than its time limit is given up and fails', async () => {
    const { prober, clock, sent, events } = proberOnBench({ answer: () => 'never' });
    prober.start();
    await clock.advance(1_999);
    expect(events.all).toEqual([]);
    await clock.advance(1);
    expect(sent[0]?.cancellation.cancelled).toBe(true);
    expect(events.of('probe:failure')).toMatchObject([{ code: 'ERR_TIMEOUT', durationMs: 2_000 }]);
  });

  test('never overlaps another of the same endpoint: it is joined', async () => {
    const { prober, clock, sent } = proberOnBench({
      answer: () => 'never',
      probe: { ...probing, intervalMs: 500 },
    });
    prober.start();
    await clock.advance(1_900);
    const asked = prober.probeNow();
    await settlePromises();
    expect(sent).toHaveLength(1);
    await clock.advance(100);
    expect((await asked).size).toBe(1);
    await clock.advance(500);
    expect(sent).toHaveLength(2);
  });

  test.each([200, 204, 299])('passes on %d', async status => {
    const { prober, named, events } = proberOnBench({ answer: () => status });
    await prober.probeNow();
    expect(named('http://a').probes).toMatchObject({ verdict: 'up', last: { ok: true, status } });
    expect(events.all).toEqual([
      {
        name: 'probe:success',
        fields: { endpoint: 'http://a', durationMs: 0, status, reason: `answered ${status}` },
      },
    ]);
  });

  test.each([301, 400, 429, 500, 503])('fails on %d', async status => {
    const { prober, named, events } = proberOnBench({ answer: () => status });
    for (let round = 0; round < 3; round++) await prober.probeNow();
    expect(named('http://a').probes).toMatchObject({
      verdict: 'down',
      last: { ok: false, status, error: `answered ${status}` },
    });
    expect(events.names).toEqual(['probe:failure', 'probe:failure', 'probe:failure', 'endpoint:unavailable']);
  });

  test.each([404, 405, 501])('answered %d leaves the state as it is and warns once', async status => {
    const { prober, named, events } = proberOnBench({ answer: () => status });
    for (let round = 0; round < 5; round++) await prober.probeNow();
    expect(named('http://a').probes?.verdict).toBe('unknown');
    expect(events.of('probe:failure')).toMatchObject([
      { status, reason: `answered ${status}: is /health the right probe path?` },
    ]);
    expect(named('http://a').probes?.last).toMatchObject({ ok: false, status });
  });

  test('that finds nobody fails with the error and its code', async () => {
    const { prober, named, events } = proberOnBench({ answer: refused });
    await prober.probeNow();
    expect(events.of('probe:failure')[0]).toMatchObject({ code: 'ERR_NETWORK' });
    expect(named('http://a').probes?.last).toMatchObject({ ok: false, error: refused().message });
  });

  test('that could not be sent for our own reasons leaves the state and repeats no text', async () => {
    const { prober, named, events } = proberOnBench({ answer: () => new Error('token s3cret refused') });
    for (let round = 0; round < 5; round++) await prober.probeNow();
    expect(named('http://a').probes?.verdict).toBe('unknown');
    expect(JSON.stringify(events.all)).not.toContain('s3cret');
  });

  test('that only ran into a stall of our own event loop does not count', async () => {
    const { prober, clock, named } = proberOnBench({ answer: () => 'never' });
    for (let round = 0; round < 3; round++) {
      const asked = prober.probeNow();
      await clock.stall(2_500);
      await clock.advance(100);
      await asked;
    }
    expect(named('http://a').probes?.verdict).toBe('unknown');
  });

  test('neither passes the circuit nor counts in it', async () => {
    const { prober, named, open, sent } = proberOnBench({ answer: () => 500 });
    await prober.probeNow();
    expect(named('http://a').circuit.state.kind).toBe('closed');
    open('http://a');
    await prober.probeNow();
    expect(sent).toHaveLength(2);
  });

  test('that passes tells the latency of an endpoint without history', async () => {
    const { prober, named, clock } = proberOnBench({
      answer: () => {
        clock.advanceSync(30);
        return 200;
      },
    });
    await prober.probeNow();
    expect(named('http://a').latencyMs).toBe(30);
  });

  test('of an endpoint that was removed meanwhile is not told', async () => {
    const { prober, clock, set, events } = proberOnBench({ answer: () => 'never' });
    const asked = prober.probeNow();
    await settlePromises();
    set.update([address('http://b')]);
    events.clear();
    await clock.advance(2_000);
    await asked;
    expect(events.all).toEqual([]);
  });
});

describe('an endpoint', () => {
  test('goes down and comes back by the thresholds, and says so', async () => {
    let status = 500;
    const { prober, clock, events, set } = proberOnBench({ answer: () => status });
    prober.start();
    await clock.advance(20_000);
    expect(() => set.pick(new Set())).toThrow(expect.objectContaining({ code: 'ERR_UNHEALTHY' }));
    status = 200;
    await clock.advance(10_000);
    expect(() => set.pick(new Set())).toThrow();
    await clock.advance(10_000);
    expect(set.pick(new Set()).endpoint.url).toBe('http://a');
    expect(events.names.filter(name => name.startsWith('endpoint:'))).toEqual([
      'endpoint:unavailable',
      'endpoint:available',
    ]);
    expect(events.of('endpoint:available')[0]?.reason).toBe('2 probes in a row passed');
  });
});

describe('probing on request', () => {
  test('asks every endpoint at once', async () => {
    const { prober, sent } = proberOnBench({ urls: ['http://a', 'http://b', 'http://c'] });
    await prober.probeNow();
    expect(sent.map(({ endpoint }) => endpoint.url)).toEqual(['http://a', 'http://b', 'http://c']);
  });

  test('keeps nothing while probing is off', async () => {
    const { prober, named, sent, clock } = proberOnBench({
      probe: false,
      answer: () => {
        clock.advanceSync(30);
        return 500;
      },
    });
    const outcomes = await prober.probeNow();
    expect(sent[0]?.path).toBe('/health');
    expect(outcomes.get(named('http://a'))).toMatchObject({ result: 'failed', record: { status: 500 } });
    expect([named('http://a').probes, named('http://a').latencyMs]).toEqual([undefined, undefined]);
  });

  test('waits for discovery, but no longer than for an answer', async () => {
    const { prober, clock, set } = proberOnBench({ urls: [] });
    set.follow({ ready: () => new Promise(() => undefined), stop: () => undefined });
    const asked = prober.probeNow();
    await clock.advance(2_000);
    expect((await asked).size).toBe(0);
  });

  test('after discovery has filled the set asks what is there', async () => {
    const { prober, set } = proberOnBench({ urls: [] });
    set.follow({
      ready: async () => set.update([address('http://late')]),
      stop: () => undefined,
    });
    expect([...(await prober.probeNow()).keys()].map(({ url }) => url)).toEqual(['http://late']);
  });
});

describe('stopping', () => {
  test('gives up probes under way, without telling, and leaves no timer', async () => {
    const { prober, clock, sent, events } = proberOnBench({ answer: () => 'never' });
    prober.start();
    await clock.advance(100);
    const asked = prober.probeNow();
    const rejected = expect(asked).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
    prober.stop();
    await rejected;
    expect(sent[0]?.cancellation.cancelled).toBe(true);
    expect([events.all, clock.pending]).toEqual([[], 0]);
  });

  test('probes nothing afterwards', async () => {
    const { prober, clock, sent } = proberOnBench();
    prober.stop();
    prober.start();
    await expect(prober.probeNow()).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
    await clock.advance(60_000);
    expect(sent).toEqual([]);
  });
});
