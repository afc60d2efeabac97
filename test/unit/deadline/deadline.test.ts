import { describe, expect, test } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { Cancellation } from '../../../src/time/cancellation.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function openDeadline(totalMs: number | false, inMs?: number) {
  const clock = new ManualClock();
  const cancellation = new Cancellation();
  const at = inMs === undefined ? undefined : clock.now() + inMs;
  const deadline = new Deadline('users', clock, cancellation, clock.monotonic(), totalMs, at);
  return { clock, cancellation, deadline };
}

describe('a deadline', () => {
  test('ends the call at the total time', async () => {
    const { clock, cancellation, deadline } = openDeadline(1000);
    deadline.start();
    await clock.advance(999);
    expect(cancellation.cancelled).toBe(false);
    expect(deadline.remainingMs).toBe(1);
    await clock.advance(1);
    expect(cancellation.reason).toBe(deadline.error);
    expect(deadline.error).toMatchObject({ scope: 'total', timeoutMs: 1000, service: 'users' });
  });

  test('ends it sooner where the caller’s own is sooner', async () => {
    const { clock, deadline } = openDeadline(1000, 300);
    deadline.start();
    expect(deadline.remainingMs).toBe(300);
    await clock.advance(300);
    expect(deadline.error).toMatchObject({ timeoutMs: 300 });
  });

  test('does nothing without a limit', () => {
    const { clock, deadline } = openDeadline(false);
    deadline.start();
    expect(deadline.remainingMs).toBe(Number.POSITIVE_INFINITY);
    expect(clock.pending).toBe(0);
  });

  test('that has passed ends the call as it starts', () => {
    const { cancellation, deadline } = openDeadline(1000, -5);
    deadline.start();
    expect(cancellation.reason).toMatchObject({ scope: 'total', timeoutMs: 0 });
  });

  test('that passes before it is started ends the call then, without a timer', async () => {
    const { clock, cancellation, deadline } = openDeadline(1000);
    await clock.advance(1000);
    deadline.start();
    expect(cancellation.cancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('leaves no timer once stopped, whatever is told it later', () => {
    const { clock, deadline } = openDeadline(1000);
    deadline.start();
    deadline.stop();
    deadline.pauseTotal();
    deadline.restartTotal();
    expect(clock.pending).toBe(0);
  });

  test('says that our own event loop stood still', async () => {
    const { clock, deadline } = openDeadline(1000);
    deadline.start();
    await clock.stall(5000);
    await clock.advance(1000);
    expect(deadline.error).toMatchObject({ ownStall: true });
  });
});

describe('while an upload is being sent', () => {
  test('the total time stands still, and begins anew at its end', async () => {
    const { clock, cancellation, deadline } = openDeadline(1000);
    deadline.start();
    deadline.pauseTotal();
    await clock.advance(60_000);
    expect(cancellation.cancelled).toBe(false);
    deadline.restartTotal();
    expect(deadline.remainingMs).toBe(1000);
    await clock.advance(1000);
    expect(deadline.error).toMatchObject({ scope: 'total' });
  });

  test('the caller’s own deadline goes on', async () => {
    const { clock, deadline } = openDeadline(1000, 5000);
    deadline.start();
    deadline.pauseTotal();
    expect(deadline.remainingMs).toBe(5000);
    await clock.advance(5000);
    expect(deadline.error).toMatchObject({ timeoutMs: 5000 });
  });
});
