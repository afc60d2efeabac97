import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bulkhead } from '../../../src/bulkhead/bulkhead.ts';
import { OverloadedError } from '../../../src/errors/overloaded-error.ts';
import { Cancellation } from '../../../src/time/cancellation.ts';
import { settlePromises } from '../../support/manual-clock.ts';

const limits = (maxConcurrent: number, maxQueued: number) =>
  new Bulkhead('users', { maxConcurrent, maxQueued });

/** Takes a slot that is free. */
const occupy = (bulkhead: Bulkhead) => expect(bulkhead.enter(new Cancellation())).toBeUndefined();

/** Queues a call, and notes its name once it is in. */
const queue = (bulkhead: Bulkhead, entered: string[], name: string) => {
  const cancellation = new Cancellation();
  const waiting = bulkhead.enter(cancellation);
  if (waiting === undefined) throw new Error(`${name} did not have to wait`);
  const outcome = waiting.then(
    () => void entered.push(name),
    (reason: unknown) => void entered.push(`${name} refused: ${reason}`),
  );
  return { cancellation, outcome };
};

test('lets as many in at once as it may, without a promise', () => {
  const bulkhead = limits(2, 0);
  expect(bulkhead.enter(new Cancellation())).toBeUndefined();
  expect(bulkhead.enter(new Cancellation())).toBeUndefined();
  expect(bulkhead.inFlight).toBe(2);
});

test('refuses at once when slots and queue are full, with its limits', () => {
  const bulkhead = limits(1, 0);
  occupy(bulkhead);
  expect(() => bulkhead.enter(new Cancellation())).toThrow(OverloadedError);
  expect(() => bulkhead.enter(new Cancellation())).toThrow(
    expect.objectContaining({ service: 'users', maxConcurrent: 1, maxQueued: 0 }),
  );
  expect([bulkhead.inFlight, bulkhead.queued]).toEqual([1, 0]);
});

test('a slot that comes free goes to the one that has waited longest', async () => {
  const bulkhead = limits(1, 3);
  const entered: string[] = [];
  occupy(bulkhead);
  for (const name of ['first', 'second', 'third']) queue(bulkhead, entered, name);
  expect(bulkhead.queued).toBe(3);
  bulkhead.leave();
  bulkhead.leave();
  await settlePromises();
  expect(entered).toEqual(['first', 'second']);
  expect([bulkhead.inFlight, bulkhead.queued]).toEqual([1, 1]);
});

test('a newcomer cannot take the slot of one that waits', async () => {
  const bulkhead = limits(1, 2);
  const entered: string[] = [];
  occupy(bulkhead);
  queue(bulkhead, entered, 'first');
  bulkhead.leave();
  queue(bulkhead, entered, 'newcomer');
  await settlePromises();
  expect(entered).toEqual(['first']);
});

test('one that is cancelled leaves the queue with the reason, and the others move up', async () => {
  const bulkhead = limits(1, 3);
  const entered: string[] = [];
  occupy(bulkhead);
  queue(bulkhead, entered, 'first');
  const second = queue(bulkhead, entered, 'second');
  queue(bulkhead, entered, 'third');
  second.cancellation.cancel('left');
  await second.outcome;
  expect([entered, bulkhead.queued]).toEqual([['second refused: left'], 2]);
  bulkhead.leave();
  bulkhead.leave();
  await settlePromises();
  expect(entered).toEqual(['second refused: left', 'first', 'third']);
});

test('a call that is cancelled already never waits', async () => {
  const bulkhead = limits(1, 3);
  occupy(bulkhead);
  const cancelled = new Cancellation();
  cancelled.cancel('gone');
  await expect(bulkhead.enter(cancelled)).rejects.toBe('gone');
  expect(bulkhead.queued).toBe(0);
});

test('a cancellation after it got in changes nothing', async () => {
  const bulkhead = limits(1, 1);
  const entered: string[] = [];
  occupy(bulkhead);
  const { cancellation, outcome } = queue(bulkhead, entered, 'first');
  bulkhead.leave();
  cancellation.cancel('late');
  await outcome;
  expect([entered, bulkhead.inFlight, bulkhead.queued]).toEqual([['first'], 1, 0]);
});

test('closing rejects everybody in the queue, and nobody else', async () => {
  const bulkhead = limits(1, 2);
  const entered: string[] = [];
  occupy(bulkhead);
  queue(bulkhead, entered, 'first');
  queue(bulkhead, entered, 'second');
  bulkhead.close('closed');
  await settlePromises();
  expect(entered).toEqual(['first refused: closed', 'second refused: closed']);
  expect([bulkhead.inFlight, bulkhead.queued]).toEqual([1, 0]);
});

test('never lets more in than it may, and gives every slot back, in any order of events', async () => {
  const step = fc.oneof(fc.constant('enter' as const), fc.constant('leave' as const), fc.nat(9));
  await fc.assert(
    fc.asyncProperty(fc.nat(3), fc.nat(4), fc.array(step), async (more, maxQueued, steps) => {
      const bulkhead = limits(1 + more, maxQueued);
      const waiting = new Set<Cancellation>();
      let inside = 0;
      for (const move of steps) {
        if (move === 'enter') {
          const cancellation = new Cancellation();
          try {
            const wait = bulkhead.enter(cancellation);
            if (wait === undefined) inside++;
            else {
              waiting.add(cancellation);
              wait.then(
                () => {
                  waiting.delete(cancellation);
                  inside++;
                },
                () => waiting.delete(cancellation),
              );
            }
          } catch (error) {
            expect(error).toBeInstanceOf(OverloadedError);
            expect([inside, waiting.size]).toEqual([1 + more, maxQueued]);
          }
        } else if (move === 'leave') {
          if (inside > 0) {
            inside--;
            bulkhead.leave();
          }
        } else [...waiting][move]?.cancel('gone');
        await null;
        await null;
        expect(inside).toBeLessThanOrEqual(1 + more);
        expect([bulkhead.inFlight, bulkhead.queued]).toEqual([inside, waiting.size]);
      }
      // As many turns as there are calls at most: a slot that got lost must fail the test, not hang it.
      for (let turns = inside + waiting.size; turns > 0; turns--) {
        if (inside > 0) {
          inside--;
          bulkhead.leave();
        }
        await null;
        await null;
      }
      expect([bulkhead.inFlight, bulkhead.queued]).toEqual([0, 0]);
    }),
  );
});
