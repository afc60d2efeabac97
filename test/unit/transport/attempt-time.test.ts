import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../../src/time/cancellation.ts';
import { RunningAttemptTime } from '../../../src/transport/attempt-time.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startCall } from '../../support/test-call.ts';

function openAttempt(timeout: object = { attemptMs: 1000 }) {
  const clock = new ManualClock();
  const call = startCall(clock, { timeout });
  const cancellation = new Cancellation();
  const time = new RunningAttemptTime(call, 'http://users.test', cancellation);
  call.deadline.start();
  return { clock, call, cancellation, time };
}

describe('an attempt’s time', () => {
  test('runs from the moment it has a socket', async () => {
    const { clock, cancellation, time } = openAttempt();
    await clock.advance(5000);
    expect([time.hadSocket, cancellation.cancelled]).toEqual([false, false]);
    time.onSocket();
    await clock.advance(999);
    expect([time.hadSocket, cancellation.cancelled]).toEqual([true, false]);
    await clock.advance(1);
    expect(cancellation.reason).toMatchObject({
      scope: 'attempt',
      timeoutMs: 1000,
      endpoint: 'http://users.test',
    });
  });

  test('is one for all the sockets of its redirects', async () => {
    const { clock, cancellation, time } = openAttempt();
    time.onSocket();
    await clock.advance(600);
    time.onSocket();
    await clock.advance(400);
    expect(cancellation.cancelled).toBe(true);
  });

  test('ends the attempt alone, not the call', async () => {
    const { clock, call, time } = openAttempt();
    time.onSocket();
    await clock.advance(1000);
    expect(call.cancellation.cancelled).toBe(false);
    call.deadline.stop();
  });

  test('stands still while an upload is being sent, and so does the total time', async () => {
    const { clock, call, cancellation, time } = openAttempt();
    time.onSocket();
    time.onUploadStart();
    await clock.advance(600_000);
    time.onUploadEnd();
    await clock.advance(999);
    expect([cancellation.cancelled, call.cancellation.cancelled]).toEqual([false, false]);
    await clock.advance(1);
    expect(cancellation.cancelled).toBe(true);
    call.deadline.stop();
  });

  test('false sets no limit', () => {
    const { clock, time } = openAttempt({ attemptMs: false, totalMs: false });
    time.onSocket();
    expect(clock.pending).toBe(0);
  });

  test('leaves no timer once the attempt is over, whatever the wire says later', () => {
    const { clock, call, time } = openAttempt();
    time.onSocket();
    time.stop();
    time.onUploadStart();
    time.onUploadEnd();
    time.stop();
    call.deadline.stop();
    expect(clock.pending).toBe(0);
  });

  test('gives the call its total time again when the attempt ends in the middle of an upload', async () => {
    const { clock, call, time } = openAttempt();
    time.onSocket();
    time.onUploadStart();
    await clock.advance(600_000);
    time.stop();
    expect(call.deadline.remainingMs).toBe(30_000);
    call.deadline.stop();
    expect(clock.pending).toBe(0);
  });
});
