import { beforeAll, describe, expect, test } from 'vitest';
import { runMeasurement } from './run-measurement.ts';

interface Activity {
  timers: number;
  resources: number;
  callbacks: number;
  turns: number;
}

/** Of Node's own, such as a collection that has something to clean up. */
const STRAY_CALLBACKS = 3;
const STRAY_TURNS = 10;

describe('10,000 idle clients', () => {
  let found: Record<'empty' | 'fresh' | 'used' | 'keptByGot' | 'keptByUndici' | 'closed', Activity> & {
    connections: number;
  };
  beforeAll(async () => {
    found = await runMeasurement('idle-clients');
  }, 60_000);

  test.each(['fresh', 'used', 'closed'] as const)('%s ones hold no timer and no handle', state => {
    const { timers, resources } = found.empty;
    expect(found[state]).toMatchObject({ timers, resources });
  });

  test.each(['fresh', 'used'] as const)('%s ones run nothing, so that they take no processor time', state => {
    expect(found[state].callbacks).toBeLessThanOrEqual(found.empty.callbacks + STRAY_CALLBACKS);
    expect(found[state].turns).toBeLessThanOrEqual(found.empty.turns + STRAY_TURNS);
  });

  test.each(['keptByGot', 'keptByUndici'] as const)(
    'an idle connection has one timer, which ends it, and keeps no process alive: %s',
    transport => {
      expect(found[transport].timers).toBe(found.empty.timers + found.connections);
      expect(found[transport].resources).toBe(found.empty.resources);
      expect(found[transport].callbacks).toBeLessThanOrEqual(found.empty.callbacks + STRAY_CALLBACKS);
    },
  );
});

describe('kilobytes of heap', () => {
  type State = 'fresh' | 'used' | 'closed';
  let held: Record<'one' | 'five' | 'overGot' | 'overUndici', Record<State, number>>;
  beforeAll(async () => {
    held = await runMeasurement('client-memory', ['--expose-gc']);
  }, 60_000);

  test('of a client are at most 12, whatever carries its requests', () => {
    for (const { fresh } of Object.values(held)) expect(fresh).toBeLessThan(12);
  });

  test('of a further endpoint are at most 8 with a circuit that counts, and half of one without', () => {
    expect((held.five.used - held.one.used) / 4).toBeLessThan(8);
    expect((held.five.fresh - held.one.fresh) / 4).toBeLessThan(0.5);
  });

  test('of a client that has made calls are at most 8 more for its circuit, and got wants as much again', () => {
    expect(held.one.used).toBeLessThan(12 + 8);
    expect(held.overUndici.used).toBeLessThan(12 + 8);
    expect(held.overGot.used).toBeLessThan(12 + 2 * 8);
  });

  test('of a client that is closed are none', () => {
    // Of got and undici 200 are measured, and what Node keeps for all of them counts for more.
    expect(held.one.closed).toBeLessThan(1);
    expect(held.five.closed).toBeLessThan(1);
    expect(held.overGot.closed).toBeLessThan(4);
    expect(held.overUndici.closed).toBeLessThan(4);
  });
});

test('nothing grows with uptime: no call leaves anything behind', async () => {
  interface Grown {
    calls: number;
    grownBytesPerCall: number;
    grownBytesPerOutcome: number;
  }
  const grown = await runMeasurement<Grown>('long-uptime', ['--expose-gc']);
  expect(grown.calls).toBeGreaterThan(50_000);
  expect(grown.grownBytesPerCall).toBeLessThan(20);
  expect(grown.grownBytesPerOutcome).toBeLessThan(4);
}, 60_000);
