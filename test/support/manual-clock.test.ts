import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/time/cancellation.ts';
import { wait } from '../../src/time/wait.ts';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  test('stands still until it is moved', async () => {
    const clock = new ManualClock();
    expect([clock.now(), clock.monotonic()]).toEqual([1_700_000_000_000, 0]);
    await clock.advance(1500);
    expect([clock.now(), clock.monotonic()]).toEqual([1_700_000_001_500, 1500]);
  });

  test('runs timers in the order they are due, each at its own time, equals in the order they were set', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.monotonic()}`);
    clock.setTimeout(note('late'), 30);
    clock.setTimeout(note('first of two'), 10);
    clock.setTimeout(note('second of two'), 10);
    clock.setTimeout(note('beyond'), 31);
    await clock.advance(30);
    expect(seen).toEqual(['first of two@10', 'second of two@10', 'late@30']);
    expect(clock.pending).toBe(1);
  });

  test('lets a promise that a timer settled set the next timer before time goes on', async () => {
    const clock = new ManualClock();
    const seen: number[] = [];
    const loop = async () => {
      for (let round = 0; round < 3; round++) {
        await wait(10, clock, new Cancellation());
        seen.push(clock.monotonic());
      }
    };
    const done = loop();
    clock.setTimeout(() => seen.push(-clock.monotonic()), 25);
    await clock.advance(100);
    await done;
    expect(seen).toEqual([10, 20, -25, 30]);
  });

  test('sees a timer that is set in a promise callback still pending when it is moved', async () => {
    const clock = new ManualClock();
    const waiting = Promise.resolve().then(() => wait(5, clock, new Cancellation()));
    await clock.advance(5);
    await waiting;
    expect(clock.pending).toBe(0);
  });

  test('does not run a cleared timer, also one cleared by an earlier timer of the same moment', () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    clock.setTimeout(() => second.clear(), 10);
    const second = clock.setTimeout(() => seen.push('cleared'), 10);
    clock.setTimeout(() => seen.push('kept'), 10);
    clock.advanceSync(10);
    expect(seen).toEqual(['kept']);
  });

  test('runs a timer of 0 ms only when it is moved, and keeps its place', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    clock.setTimeout(() => {
      seen.push('outer');
      clock.setTimeout(() => seen.push('inner'), 0);
    }, 0);
    expect(seen).toEqual([]);
    await clock.advance(0);
    expect(seen).toEqual(['outer', 'inner']);
  });

  test('tells after a stall how late each timer ran', async () => {
    const clock = new ManualClock();
    const late: (number | undefined)[] = [];
    clock.setTimeout(ms => late.push(ms), 100);
    clock.setTimeout(ms => late.push(ms), 40);
    clock.setTimeout(ms => late.push(ms), 2000);
    await clock.stall(1500);
    expect(late).toEqual([1460, 1400]);
    expect(clock.monotonic()).toBe(1500);
    await clock.advance(500);
    expect(late).toEqual([1460, 1400, undefined]);
  });

  test('moves the wall clock alone when it is set', async () => {
    const clock = new ManualClock();
    clock.setTimeout(() => {}, 10);
    clock.setWallClock(1_000_000);
    expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([1_000_000, 0, 1]);
    await clock.advance(10);
    expect([clock.now(), clock.pending]).toEqual([1_000_010, 0]);
  });
});
