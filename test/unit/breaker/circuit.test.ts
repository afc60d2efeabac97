import { describe, expect, test, vi } from 'vitest';
import { circuitFactory } from '../../../src/breaker/circuit-factory.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { circuitOnBench, noJitter } from './circuit-bench.ts';

const tripping = { minThroughput: 1, failureRatio: 1 } as const;

describe('opening', () => {
  test('opens at exactly the failure ratio', () => {
    const { circuit, report } = circuitOnBench();
    report('success', 10);
    report('failure', 9);
    expect(circuit.state.kind).toBe('closed');
    report('failure');
    expect(circuit.state.kind).toBe('open');
  });

  test('stays closed just under the ratio', () => {
    const { circuit, report } = circuitOnBench();
    report('success', 11);
    report('failure', 10);
    expect(circuit.state.kind).toBe('closed');
  });

  test('stays closed until there was enough throughput', () => {
    const { circuit, report } = circuitOnBench();
    report('failure', 19);
    expect(circuit.state.kind).toBe('closed');
    report('failure');
    expect(circuit.state.kind).toBe('open');
  });

  test('opens at the success that completes the throughput, when failures before it are enough', () => {
    const { circuit, report, told } = circuitOnBench();
    report('failure', 19);
    report('success');
    expect(circuit.state.kind).toBe('open');
    expect(told).toEqual(['open 5000: 19 of 20 attempts failed within 30000 ms']);
  });

  test('opens at a success after older successes have left the window', async () => {
    const { circuit, report, clock } = circuitOnBench({ minThroughput: 4 });
    report('success', 6);
    await clock.advance(15_000);
    report('failure', 3);
    expect(circuit.state.kind).toBe('closed');
    await clock.advance(15_000);
    report('success');
    expect(circuit.state.kind).toBe('open');
  });

  test('counts completed attempts only: those under way do not dilute the ratio', () => {
    const { circuit, report, take } = circuitOnBench();
    for (let index = 0; index < 1_000; index++) take();
    report('failure', 20);
    expect(circuit.state.kind).toBe('open');
  });

  test('only the first verdict of a permit counts', () => {
    const { circuit, take } = circuitOnBench({ minThroughput: 2 });
    const permit = take();
    for (let index = 0; index < 5; index++) permit.failure();
    expect(circuit.state.kind).toBe('closed');
    take().failure();
    expect(circuit.state.kind).toBe('open');
  });

  test('neutral verdicts change nothing', () => {
    const { circuit, report } = circuitOnBench(tripping);
    report('neutral', 100);
    expect(circuit.state.kind).toBe('closed');
    report('failure');
    expect(circuit.state.kind).toBe('open');
  });

  test.each([1 / 3, 0.1, 0.3, 0.7, 1])(
    'a ratio of %d opens at that share and not one failure earlier',
    ratio => {
      const { circuit, report } = circuitOnBench({ failureRatio: ratio, minThroughput: 30 });
      const failures = Math.round(ratio * 30);
      report('success', 30 - failures);
      report('failure', failures - 1);
      expect(circuit.state.kind).toBe('closed');
      report('failure');
      expect(circuit.state.kind).toBe('open');
    },
  );
});

describe('window', () => {
  test('a lone outcome counts for exactly the window', async () => {
    for (const [waitMs, kind] of [
      [29_999, 'open'],
      [30_000, 'closed'],
    ] as const) {
      const { circuit, report, clock } = circuitOnBench({ minThroughput: 2 });
      await clock.advance(1_234);
      report('failure');
      await clock.advance(waitMs);
      report('failure');
      expect(circuit.state.kind).toBe(kind);
    }
  });

  test('a lone outcome counts for exactly the window again after the window was empty', async () => {
    const { circuit, report, clock } = circuitOnBench({ minThroughput: 2 });
    report('failure');
    await clock.advance(31_500);
    report('failure');
    await clock.advance(29_999);
    report('failure');
    expect(circuit.state.kind).toBe('open');
  });

  test('outcomes leave it a tenth of the window at a time', async () => {
    const { circuit, report, clock } = circuitOnBench({ minThroughput: 3 });
    report('failure');
    await clock.advance(15_000);
    report('failure');
    await clock.advance(15_000);
    report('failure');
    expect(circuit.state.kind).toBe('closed');
    report('failure');
    expect(circuit.state.kind).toBe('open');
  });
});

describe('open', () => {
  test('lets nobody through until its time is over, and says how long that is', async () => {
    const { circuit, report, clock } = circuitOnBench(tripping);
    report('failure');
    expect(circuit.acquire()).toBeUndefined();
    expect(circuit.retryAfterMs()).toBe(5_000);
    await clock.advance(4_999);
    expect(circuit.acquire()).toBeUndefined();
    expect(circuit.retryAfterMs()).toBe(1);
    await clock.advance(1);
    expect(circuit.retryAfterMs()).toBe(0);
    expect(circuit.acquire()).toBeDefined();
  });

  test('leaves no timer behind in any state, neither of its own nor of opossum', async () => {
    const made = vi.spyOn(globalThis, 'setTimeout');
    const repeated = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    const left = () => {
      const gone = new Set(cleared.mock.calls.map(([timer]) => timer));
      return made.mock.results.filter(({ value }) => !gone.has(value)).length + repeated.mock.calls.length;
    };
    try {
      const { report, clock, take } = circuitOnBench({ minThroughput: 2, failureRatio: 1 });
      report('success');
      report('failure');
      expect([left(), clock.pending]).toEqual([0, 0]);
      clock.advanceSync(30_000);
      report('failure', 2);
      expect([left(), clock.pending]).toEqual([0, 0]);
      clock.advanceSync(5_000);
      take().success();
      report('success');
      expect([left(), clock.pending]).toEqual([0, 0]);
      expect(made).toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });

  test('results of attempts begun before it opened are ignored', async () => {
    const { circuit, report, clock, take } = circuitOnBench(tripping);
    const early = [take(), take(), take()];
    report('failure');
    early[0]?.success();
    expect(circuit.state.kind).toBe('open');
    await clock.advance(5_000);
    const trial = take();
    early[1]?.success();
    early[2]?.failure();
    expect(circuit.state).toMatchObject({ kind: 'half-open', trialInFlight: true });
    trial.success();
    expect(circuit.state.kind).toBe('closed');
  });
});

describe('half-open', () => {
  const openedAndWaited = async () => {
    const bench = circuitOnBench(tripping);
    bench.report('failure');
    await bench.clock.advance(5_000);
    return bench;
  };

  test('lets exactly one trial through, and gives the others a second or less to wait', async () => {
    const { circuit, take } = await openedAndWaited();
    take();
    for (let index = 0; index < 100; index++) expect(circuit.acquire()).toBeUndefined();
    expect(circuit.retryAfterMs()).toBe(1_000);
  });

  test('the estimate while a trial is in flight is no longer than the open time', async () => {
    const { circuit, clock, take } = circuitOnBench({ ...tripping, openMs: 50 });
    take().failure();
    await clock.advance(50);
    take();
    expect(circuit.retryAfterMs()).toBe(50);
  });

  test('a trial that succeeds closes, with an empty window', async () => {
    const { circuit, report, clock, take } = circuitOnBench({ minThroughput: 2, failureRatio: 0.5 });
    report('failure', 2);
    await clock.advance(5_000);
    take().success();
    expect(circuit.state.kind).toBe('closed');
    report('failure');
    expect(circuit.state.kind).toBe('closed');
  });

  test('a trial that fails opens again at once', async () => {
    const { circuit, take } = await openedAndWaited();
    take().failure();
    expect(circuit.state.kind).toBe('open');
    expect(circuit.acquire()).toBeUndefined();
  });

  test('a trial that ends neutral frees its slot for the next', async () => {
    const { circuit, take } = await openedAndWaited();
    take().neutral();
    expect(circuit.state).toMatchObject({ kind: 'half-open', trialInFlight: false });
    expect(circuit.retryAfterMs()).toBe(0);
    take().success();
    expect(circuit.state.kind).toBe('closed');
  });

  test('only the first verdict of a trial counts', async () => {
    const { circuit, take } = await openedAndWaited();
    const trial = take();
    trial.neutral();
    trial.success();
    const next = take();
    trial.failure();
    expect(circuit.state).toMatchObject({ kind: 'half-open', trialInFlight: true });
    next.success();
    next.failure();
    expect(circuit.state.kind).toBe('closed');
  });

  test('tells of each change with a reason, half-open when the trial is taken', async () => {
    const { told, clock, take } = await openedAndWaited();
    expect(told).toHaveLength(1);
    take().failure();
    await clock.advance(10_000);
    take().neutral();
    take().success();
    const halfOpen = 'half-open: its open time is over, one trial is let through';
    expect(told).toEqual([
      'open 5000: 1 of 1 attempts failed within 30000 ms',
      halfOpen,
      'open 10000: the trial failed',
      halfOpen,
      'close: the trial succeeded',
    ]);
  });
});

describe('open time', () => {
  test('doubles with each re-opening up to the maximum, and starts over after closing', async () => {
    const { circuit, report, clock, take } = circuitOnBench(tripping);
    const openTimes: number[] = [];
    report('failure');
    for (let round = 0; round < 6; round++) {
      openTimes.push(circuit.retryAfterMs());
      await clock.advance(circuit.retryAfterMs());
      take().failure();
    }
    expect(openTimes).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    await clock.advance(60_000);
    take().success();
    report('failure');
    expect(circuit.retryAfterMs()).toBe(5_000);
  });

  test('is as the options say the first time, whatever is drawn', () => {
    for (const draw of [0, 0.999_999]) {
      const { circuit, report } = circuitOnBench(tripping, () => draw);
      report('failure');
      expect(circuit.retryAfterMs()).toBe(5_000);
    }
  });

  test('varies by up to 20 % either way with every re-opening, from the injected random', () => {
    const random = seededRandom(7);
    const times = Array.from({ length: 2_000 }, () => {
      const { circuit, clock, take } = circuitOnBench(tripping, random);
      take().failure();
      clock.advanceSync(5_000);
      take().failure();
      return circuit.retryAfterMs();
    });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(8_000);
    expect(Math.min(...times)).toBeLessThan(8_040);
    expect(Math.max(...times)).toBeLessThanOrEqual(12_000);
    expect(Math.max(...times)).toBeGreaterThan(11_960);
  });

  test('is never above the maximum by more than the jitter', async () => {
    const { circuit, report, clock, take } = circuitOnBench(tripping, () => 0.999_999);
    report('failure');
    for (let round = 0; round < 10; round++) {
      await clock.advance(circuit.retryAfterMs());
      take().failure();
    }
    expect(circuit.retryAfterMs()).toBe(72_000);
  });
});

test('a circuit that was shut down ignores what attempts under way report', () => {
  const { circuit, told, take } = circuitOnBench(tripping);
  const late = take();
  circuit.shutdown();
  late.failure();
  expect(circuit.state.kind).toBe('closed');
  expect(told).toEqual([]);
});

test('with the circuit breaker off every attempt is let through', () => {
  const watcher = { circuitOpened: noJitter, circuitHalfOpened: noJitter, circuitClosed: noJitter };
  const make = circuitFactory({ circuitBreaker: false, clock: new ManualClock(), random: noJitter });
  const circuit = make(watcher);
  for (let index = 0; index < 100; index++) circuit.acquire()?.failure();
  expect(circuit.acquire()).toBeDefined();
  expect(circuit.state.kind).toBe('disabled');
});
