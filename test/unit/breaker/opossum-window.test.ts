import type { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import { expect, test, vi } from 'vitest';
import { OpossumWindow } from '../../../src/breaker/opossum-window.ts';

const options = { failureRatio: 0.5, minThroughput: 20, windowMs: 1_000 };

test.each([
  ['failure', true],
  ['success', false],
] as const)('opossum has seen a %s by the time report() returns', (name, failed) => {
  const emit = vi.spyOn(CircuitBreaker.prototype as unknown as EventEmitter, 'emit');
  try {
    new OpossumWindow(options, 0).report(failed, 0);
    expect(emit.mock.calls.map(([event]) => event)).toEqual(['fire', name]);
  } finally {
    vi.restoreAllMocks();
  }
});

test('adds nothing up while there are only successes', () => {
  const fire = vi.spyOn(CircuitBreaker.prototype, 'fire');
  const status = vi.spyOn(CircuitBreaker.prototype as { status: unknown }, 'status', 'get');
  try {
    const window = new OpossumWindow(options, 0);
    status.mockClear();
    for (let index = 0; index < 100; index++) window.report(false, 0);
    expect(fire).toHaveBeenCalledTimes(100);
    // opossum's own increments use its field, not the getter.
    expect(status).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
  }
});

test('keeps no latencies, however many outcomes there are', () => {
  const status = vi.spyOn(CircuitBreaker.prototype as { status: unknown }, 'status', 'get');
  try {
    const window = new OpossumWindow(options, 0);
    for (let now = 0; now < 5_000; now += 10) window.report(false, now);
    const last = status.mock.results.at(-1)?.value as { window: { latencyTimes: unknown }[] };
    expect(
      last.window.filter(({ latencyTimes }) => Array.isArray(latencyTimes) && latencyTimes.length > 0),
    ).toEqual([]);
  } finally {
    vi.restoreAllMocks();
  }
});
