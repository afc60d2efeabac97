import { expect, test } from 'vitest';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { refuseAtOnce } from '../../../src/pipeline/refuse-at-once.ts';
import { RetryBudget } from '../../../src/retry/retry-budget.ts';
import { EventRecorder } from '../../support/event-recorder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startCall } from '../../support/test-call.ts';

test('a refused call counts for the retry budget as any call does, one that goes down the line does not yet', () => {
  const clock = new ManualClock();
  const budget = new RetryBudget({ ratio: 1, minRetriesPerSecond: 0, windowMs: 10_000 }, clock);
  const endpoints = { refusesAll: false, refusal: () => new NoEndpointError({ service: 'users' }) };
  const options = { interceptors: { call: [] } };
  const parts = { options, endpoints, budget, bulkhead: undefined, events: new EventRecorder(), clock };
  const refuse = refuseAtOnce(parts);
  expect(refuse(startCall(clock))).toBeUndefined();
  expect(budget.canWithdraw()).toBe(false);
  endpoints.refusesAll = true;
  expect(refuse(startCall(clock))).toBeInstanceOf(NoEndpointError);
  expect(budget.canWithdraw()).toBe(true);
});
