import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ClientClosedError } from '../../../src/index.ts';
import { LiveCalls } from '../../../src/pipeline/live-calls.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startCall } from '../../support/test-call.ts';

const clock = new ManualClock();

describe('live calls', () => {
  test('are kept until they are over', async () => {
    const live = new LiveCalls();
    const [first, second] = [startCall(clock), startCall(clock)];
    live.enter(first);
    live.enter(second);
    expect(live.size).toBe(2);
    let drained = false;
    const waiting = live.drained().then(() => {
      drained = true;
    });
    first.answered();
    await Promise.resolve();
    expect([live.size, drained]).toEqual([1, false]);
    second.answered();
    await waiting;
    expect(live.size).toBe(0);
  });

  test('are drained at once when there is none', async () => {
    await new LiveCalls().drained();
  });

  test('end with their signal, which keeps no listener afterwards', () => {
    const live = new LiveCalls();
    const { signal, abort } = abortable();
    const calls = [1, 2].map(() => startCall(clock, { call: { signal } }));
    for (const call of calls) live.enter(call);
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    calls[0]?.answered();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    abort('enough');
    expect(calls.map(({ cancellation }) => cancellation.cancelled)).toEqual([false, true]);
    expect(calls[1]?.cancellation.reason).toBe('enough');
    calls[1]?.answered();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('end at once when their signal has aborted already', () => {
    const call = startCall(clock, { call: { signal: AbortSignal.abort('early') } });
    new LiveCalls().enter(call);
    expect(call.cancellation.reason).toBe('early');
  });

  test('can all be ended, each with a reason of its own', () => {
    const live = new LiveCalls();
    const calls = [startCall(clock), startCall(clock)];
    for (const call of calls) live.enter(call);
    live.cancelAll(() => new ClientClosedError({ service: 'users' }));
    const [first, second] = calls.map(({ cancellation }) => cancellation.reason);
    expect(first).toBeInstanceOf(ClientClosedError);
    expect(first).not.toBe(second);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}
