import { expect, test } from 'vitest';
import { address, endpointsOnBench } from './endpoints-on-bench.ts';

const single = () => {
  const bench = endpointsOnBench({ endpoints: [address('http://a')], random: () => 0.5 });
  return { ...bench, endpoint: bench.named('http://a') };
};

test('counts attempts on the wire', () => {
  const { endpoint } = single();
  endpoint.begin();
  endpoint.begin();
  endpoint.end(5, false);
  expect(endpoint.inFlight).toBe(1);
});

test('a failure counts as a second at least, so that failing fast does not look fast', () => {
  const { endpoint } = single();
  endpoint.begin();
  endpoint.end(1, true);
  expect(endpoint.latencyMs).toBe(1_000);
});

test('failures in a row double the penalty, up to 30 s', () => {
  const { endpoint } = single();
  const seen = Array.from({ length: 7 }, () => {
    endpoint.begin();
    endpoint.end(1, true);
    return endpoint.latencyMs;
  });
  expect(seen).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('a failure slower than its penalty counts as what it took', () => {
  const { endpoint } = single();
  endpoint.begin();
  endpoint.end(45_000, true);
  expect(endpoint.latencyMs).toBe(45_000);
});

test('an attempt that says nothing leaves no latency', () => {
  const { endpoint } = single();
  endpoint.begin();
  endpoint.end(undefined, true);
  expect([endpoint.inFlight, endpoint.latencyMs, endpoint.answered]).toEqual([0, undefined, false]);
});

test('a seeded latency counts only while there is no history', () => {
  const { endpoint } = single();
  endpoint.seedLatency(40);
  endpoint.seedLatency(90);
  expect(endpoint.latencyMs).toBe(40);
});

test('a circuit that closes forgets how slow the endpoint was while it failed', async () => {
  const { endpoint, clock, open } = single();
  endpoint.begin();
  open('http://a');
  endpoint.end(1, true);
  await clock.advance(5_000);
  endpoint.circuit.acquire()?.success();
  expect(endpoint.latencyMs).toBeUndefined();
});

test('tells of circuit and availability in order, availability only when it changes', async () => {
  const { endpoint, clock, events, open } = single();
  open('http://a');
  await clock.advance(5_000);
  endpoint.circuit.acquire()?.failure();
  await clock.advance(10_000);
  endpoint.circuit.acquire()?.success();
  expect(events.names).toEqual([
    'circuit:open',
    'endpoint:unavailable',
    'circuit:half-open',
    'circuit:open',
    'circuit:half-open',
    'circuit:close',
    'endpoint:available',
  ]);
  expect(events.of('circuit:open').map(event => event.retryAfterMs)).toEqual([5_000, 10_000]);
  for (const { fields } of events.all) {
    expect(fields).toMatchObject({ endpoint: 'http://a', reason: expect.stringMatching(/\w/) });
  }
});
