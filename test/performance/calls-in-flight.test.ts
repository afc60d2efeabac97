import { beforeAll, expect, test } from 'vitest';
import { runMeasurement } from './run-measurement.ts';

/** Kilobytes of heap for each of 5,000 calls. */
let held: Record<'pipeline' | 'overGot' | 'overUndici', { inFlight: number; ended: number }>;

beforeAll(async () => {
  held = await runMeasurement('calls-in-flight', ['--expose-gc']);
}, 60_000);

test.each([
  ['over a transport that waits', 'pipeline', 7],
  ['over undici', 'overUndici', 8],
  ['over got', 'overGot', 14],
] as const)('a call in flight %s holds little, and gives it back when it ends', (_, way, mostKilobytes) => {
  const { inFlight, ended } = held[way];
  expect(inFlight).toBeLessThan(mostKilobytes);
  expect(ended / inFlight).toBeLessThan(0.05);
});
