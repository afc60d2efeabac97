import { expect, test } from 'vitest';
import { Draw } from './draw.ts';
import type { CallPlan, ClientPlan, Scenario } from './scenario.ts';
import { Simulation } from './simulation.ts';

const CALLS = 500;
const EVERY_MS = 30;
const TIMES_SLOWER = 100;

/** The time that one call of a hundred takes longer than, with one of three endpoints a hundred times slower. */
async function p99(strategy: ClientPlan['strategy'], seed: number): Promise<number> {
  const draw = new Draw(seed);
  const calls = Array.from({ length: CALLS }, (_, id): CallPlan => {
    const at = Math.round(id * EVERY_MS + EVERY_MS * draw.random());
    return { id, at, client: 0, via: 'call', method: 'GET', bytes: 100, body: 'none', reader: {} };
  });
  const endAt = CALLS * EVERY_MS;
  const slow = { kind: 'slow', server: 0, at: 0, durationMs: endAt, share: 1, size: TIMES_SLOWER } as const;
  const scenario: Scenario = {
    seed,
    servers: 3,
    clients: [{ options: {}, strategy, servers: [0, 1, 2], members: [], auth: false, interceptor: 'none' }],
    faults: [{ ...slow, status: 0, headers: {} }],
    calls,
    stalls: [],
    calmAt: endAt,
    endAt,
  };
  const simulation = new Simulation(scenario);
  await simulation.run();
  const durations = simulation.calls
    .filter(({ plan }) => plan.id < CALLS)
    .map(({ startedAt, settledAt = Number.POSITIVE_INFINITY }) => settledAt - startedAt)
    .sort((a, b) => a - b);
  expect(durations).toHaveLength(CALLS);
  return durations[Math.floor(0.99 * CALLS)] as number;
}

test('with one of three endpoints 100 times slower, the p99 of peak-ewma is a small part of that of round-robin', async () => {
  for (const seed of [1, 2]) {
    const [peakEwma, roundRobin] = [await p99('peak-ewma', seed), await p99('round-robin', seed)];
    expect(roundRobin / peakEwma, `${roundRobin} to ${peakEwma} ms`).toBeGreaterThan(20);
  }
});
