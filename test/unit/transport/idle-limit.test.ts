import { expect, test } from 'vitest';
import { IdleLimit } from '../../../src/transport/idle-limit.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function watched(ms: number | false) {
  const clock = new ManualClock();
  const expired: unknown[] = [];
  const idle = new IdleLimit(clock, ms, (timeoutMs, ownStall) => expired.push([timeoutMs, ownStall]));
  return { clock, expired, idle };
}

test('only armed time counts', async () => {
  const { clock, expired, idle } = watched(100);
  await clock.advance(500);
  idle.arm();
  await clock.advance(60);
  idle.disarm();
  await clock.advance(500);
  idle.arm();
  await clock.advance(99);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual([[100, false]]);
});

test('arming again goes on counting, rearming starts over', async () => {
  const { clock, expired, idle } = watched(100);
  idle.arm();
  await clock.advance(60);
  idle.arm();
  expect(clock.pending).toBe(1);
  idle.rearm();
  await clock.advance(99);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toHaveLength(1);
});

test('rearming does nothing when it is our turn', () => {
  const { clock, idle } = watched(100);
  idle.rearm();
  expect(clock.pending).toBe(0);
});

test('without a limit no timer is made', () => {
  const { clock, idle } = watched(false);
  idle.arm();
  idle.rearm();
  expect(clock.pending).toBe(0);
});

test('a stall of our own is told', async () => {
  const { clock, expired, idle } = watched(100);
  idle.arm();
  await clock.stall(1500);
  await clock.advance(60);
  expect(expired).toEqual([[100, true]]);
});
