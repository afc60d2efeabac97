import { expect, test } from 'vitest';
import { PeakEwma } from '../../../src/endpoints/peak-ewma.ts';

test('jumps to a latency above it at once', () => {
  const latency = new PeakEwma();
  latency.observe(10, 0);
  latency.observe(500, 1);
  expect(latency.latest).toBe(500);
});

test('comes down by the time since the last observation, with a decay of 10 s', () => {
  const latency = new PeakEwma();
  latency.observe(100, 0);
  latency.observe(20, 10_000);
  expect(latency.latest).toBeCloseTo(100 * Math.exp(-1) + 20 * (1 - Math.exp(-1)), 10);
});

test('is decayed when read, however often it is read', () => {
  const latency = new PeakEwma();
  latency.observe(100, 0);
  for (let now = 0; now < 10_000; now += 100) latency.at(now);
  expect(latency.at(10_000)).toBeCloseTo(100 * Math.exp(-1), 10);
  expect(latency.latest).toBe(100);
});

test('knows nothing before the first observation and after forgetting', () => {
  const latency = new PeakEwma();
  expect(latency.known).toBe(false);
  latency.observe(0, 0);
  expect(latency.known).toBe(true);
  latency.forget();
  expect([latency.known, latency.latest]).toEqual([false, 0]);
});
