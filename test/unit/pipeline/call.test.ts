import { describe, expect, test } from 'vitest';
import { ClientClosedError, StatusError } from '../../../src/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startCall } from '../../support/test-call.ts';

const statusError = (service: string) =>
  new StatusError({
    service,
    endpoint: 'http://a.test',
    method: 'GET',
    status: 503,
    headers: {},
    data: undefined,
  });

describe('a call is over', () => {
  test('once it has been answered', () => {
    const call = startCall(new ManualClock());
    let over = 0;
    call.whenOver(() => {
      over++;
    });
    call.answered();
    call.answered();
    expect(over).toBe(1);
  });

  test('once its streamed body has ended, if it has one', () => {
    const call = startCall(new ManualClock());
    let over = 0;
    call.whenOver(() => {
      over++;
    });
    call.bodyOpened();
    call.answered();
    expect(over).toBe(0);
    call.bodyEnded();
    expect(over).toBe(1);
  });
});

describe('labels', () => {
  test('hold what every event carries, and nothing that is absent', () => {
    const clock = new ManualClock();
    expect(startCall(clock).labels).toEqual({ callId: 'id-1', method: 'GET', context: {} });
    const call = startCall(clock, { call: { route: '/x', tags: { a: 'b' }, context: { jobId: 1 } } });
    expect(call.labels).toEqual({
      callId: 'id-1',
      method: 'GET',
      context: { jobId: 1 },
      route: '/x',
      tags: { a: 'b' },
    });
  });
});

describe('whose an error is:', () => {
  test('one about this service is the call’s own', () => {
    const call = startCall(new ManualClock());
    const error = statusError('users');
    expect([call.owns(error), call.wasAborted(error)]).toEqual([true, false]);
    expect(call.reasonOf(error)).toBe('users: 503 from http://a.test');
  });

  test('one about another service is not', () => {
    expect(startCall(new ManualClock()).owns(statusError('tokens'))).toBe(false);
  });

  test('what a hook threw is not, and is not repeated', () => {
    const call = startCall(new ManualClock());
    const error = new Error('password 123');
    expect(call.owns(error)).toBe(false);
    expect(call.reasonOf(error)).not.toContain('123');
  });

  test('the reason of an abort is not, were it an error about this service', () => {
    const call = startCall(new ManualClock());
    const reason = statusError('users');
    call.cancellation.cancel(reason);
    expect([call.owns(reason), call.wasAborted(reason)]).toEqual([false, true]);
  });

  test('the deadline’s is, and is no abort', async () => {
    const clock = new ManualClock();
    const call = startCall(clock, { timeout: { totalMs: 10 } });
    call.deadline.start();
    await clock.advance(10);
    const { error } = call.deadline;
    expect([call.owns(error), call.wasAborted(error)]).toEqual([true, false]);
  });

  test('that of a closing client is, though it is an abort', () => {
    const call = startCall(new ManualClock());
    const error = new ClientClosedError({ service: 'users' });
    call.close(error);
    expect([call.owns(error), call.wasAborted(error)]).toEqual([true, true]);
  });
});

test('durationMs is measured on the monotonic clock', async () => {
  const clock = new ManualClock();
  const call = startCall(clock);
  await clock.advance(20);
  clock.setWallClock(0);
  expect(call.durationMs).toBe(20);
});
