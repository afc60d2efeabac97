import { expect, test } from 'vitest';
import { startLimit } from '../../../src/time/limit-timer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function started(ms: number) {
  const clock = new ManualClock();
  const expired: boolean[] = [];
  const limit = startLimit(clock, ms, ownStall => expired.push(ownStall));
  return { clock, expired, limit };
}

test('a limit expires once, when its time is over', async () => {
  const { clock, expired } = started(50);
  await clock.advance(49);
  expect(expired).toEqual([]);
  await clock.advance(1000);
  expect(expired).toEqual([false]);
  expect(clock.pending).toBe(0);
});

test('a cleared limit never expires', async () => {
  const { clock, expired, limit } = started(50);
  limit.clear();
  await clock.advance(1000);
  expect([expired, clock.pending]).toEqual([[], 0]);
});

test('a timer that is a little late counts', async () => {
  const { clock, expired } = started(50);
  await clock.stall(124);
  expect(expired).toEqual([false]);
});

test('a timer late by a stall of our own gives its last half back, then says so', async () => {
  const { clock, expired } = started(50);
  await clock.stall(150);
  await clock.advance(34);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual([true]);
  await clock.advance(1000);
  expect(expired).toEqual([true]);
});

test('a stall that fills a limit and ends just before its last moment is one too', async () => {
  const { clock, expired } = started(1500);
  await clock.stall(1490);
  await clock.advance(99);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual([true]);
});

test('a stall long before the end is none', async () => {
  const { clock, expired } = started(1500);
  await clock.stall(1000);
  await clock.advance(500);
  expect(expired).toEqual([false]);
});

test('a stall in the last moment gives I/O one more round', async () => {
  const { clock, expired } = started(1500);
  await clock.advance(1400);
  await clock.stall(200);
  expect(expired).toEqual([]);
  await clock.advance(10);
  expect(expired).toEqual([true]);
});

test('a limit cleared in that round does not expire', async () => {
  const { clock, expired, limit } = started(50);
  await clock.stall(2000);
  limit.clear();
  await clock.advance(1000);
  expect([expired, clock.pending]).toEqual([[], 0]);
});

test('a second stall is not waited out again', async () => {
  const { clock, expired } = started(50);
  await clock.stall(200);
  await clock.stall(200);
  expect(expired).toEqual([true]);
});

test('it need not keep the process alive', async () => {
  const { clock, limit } = started(50);
  limit.unref?.();
  expect(clock.timers).toMatchObject([{ unreferenced: true }]);
  await clock.advance(40);
  expect(clock.timers).toMatchObject([{ unreferenced: true }]);
});
