import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RetryContext } from '../../../src/options/client-options.ts';
import { RetryBudget } from '../../../src/retry/retry-budget.ts';
import { decideRetry, type RetryFacts } from '../../../src/retry/retry-decision.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  answered,
  broken,
  factsOf,
  refusedConnection,
  reset,
  retryWith,
  staleConnection,
} from './retry-facts.ts';

type ShouldRetry = (context: RetryContext) => boolean | undefined;

const backoff = { delayMs: 50, source: 'backoff' };
const refused = { refused: 'not-retryable' };

function decide(error: unknown, shouldRetry: ShouldRetry, overrides: Partial<RetryFacts> = {}) {
  return decideRetry(factsOf(error, { retry: retryWith({ shouldRetry }), ...overrides })).decision;
}

function budgetOf(resends: number): RetryBudget {
  return new RetryBudget({ ratio: 0, minRetriesPerSecond: resends, windowMs: 1000 }, new ManualClock());
}

describe('retry.shouldRetry', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  beforeEach(() => void emitWarning.mockClear());

  test('is told what failed and what would be done', () => {
    const seen: RetryContext[] = [];
    const note: ShouldRetry = context => void seen.push(context);
    const error = answered(503, { 'x-reason': 'deploy' });
    decide(error, note, { attempt: 2 });
    decide(reset, note, { route: undefined, resendable: false, method: 'POST' });
    expect(seen).toEqual([
      {
        service: 'users',
        method: 'GET',
        route: '/users/{id}',
        attempt: 2,
        error,
        status: 503,
        headers: { 'x-reason': 'deploy' },
        willRetry: true,
      },
      { service: 'users', method: 'POST', attempt: 1, error: reset, willRetry: false },
    ]);
  });

  test('keeps the decision by returning undefined', () => {
    expect(decide(reset, () => undefined)).toEqual(backoff);
    expect(decide(answered(404), () => undefined)).toEqual(refused);
  });

  test('forbids a retry by returning false', () => {
    expect(decide(reset, () => false)).toEqual(refused);
    expect(decide(refusedConnection, () => false)).toEqual(refused);
  });

  test('turns a failure that is not retryable into a resend by returning true', () => {
    expect(decide(answered(409), () => true)).toEqual(backoff);
    expect(decide(answered(503), () => true, { method: 'POST', resendable: false })).toEqual(backoff);
  });

  test('cannot resend a body that is gone, nor what a certificate forbids', () => {
    expect(decide(reset, () => true, { replayable: false })).toEqual(refused);
    expect(decide(broken({ phase: 'tls', systemCode: 'CERT_HAS_EXPIRED' }), () => true)).toEqual(refused);
  });

  test('cannot send a name that does not exist to the same endpoint', () => {
    const error = broken({ phase: 'lookup', systemCode: 'ENOTFOUND' });
    expect(decide(error, () => true, { hasOtherEndpoint: false })).toEqual({ refused: 'no-endpoint' });
  });

  test.each<[string, Partial<RetryFacts>, string]>([
    ['attempts', { attemptsCounted: 3 }, 'attempts-spent'],
    ['the budget', { budget: budgetOf(0) }, 'budget-spent'],
    ['time', { remainingMs: 10 }, 'deadline-too-near'],
  ])('is never asked once there is no more of %s', (_, facts, why) => {
    const shouldRetry = vi.fn(() => true);
    expect(decide(reset, shouldRetry, facts)).toEqual({ refused: why });
    expect(decide(answered(404), shouldRetry, facts)).toEqual(refused);
    expect(shouldRetry).not.toHaveBeenCalled();
  });

  test('is not asked about a fresh connection or credential', () => {
    const immediate = { delayMs: 0, source: 'immediate' };
    const shouldRetry = vi.fn(() => false);
    expect(decide(staleConnection, shouldRetry)).toEqual(immediate);
    expect(decide(answered(401), shouldRetry, { authRefresh: true })).toEqual(immediate);
    expect(shouldRetry).not.toHaveBeenCalled();
  });

  test('pays for the resend it asks for', () => {
    const budget = budgetOf(1);
    expect(decide(answered(409), () => true, { budget })).toEqual(backoff);
    expect(budget.canWithdraw()).toBe(false);
  });

  test('that spends the last token itself leaves none for this retry', () => {
    const budget = budgetOf(1);
    expect(decide(reset, () => budget.withdraw(), { budget })).toEqual({ refused: 'budget-spent' });
  });

  test('that throws keeps the decision and is reported once', () => {
    const shouldRetry = () => {
      throw new Error('hook broken');
    };
    expect(decide(reset, shouldRetry)).toEqual(backoff);
    expect(decide(answered(404), shouldRetry)).toEqual(refused);
    expect(emitWarning).toHaveBeenCalledTimes(1);
    expect(emitWarning).toHaveBeenCalledWith(expect.stringContaining('users: retry.shouldRetry failed'), {
      code: 'HOLDFAST_SHOULD_RETRY',
      detail: expect.stringContaining('hook broken'),
    });
  });

  test('that is async keeps the decision, is reported once, and its rejection goes nowhere', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const shouldRetry = (async () => {
      throw new Error('too late');
    }) as unknown as ShouldRetry;
    expect(decide(reset, shouldRetry)).toEqual(backoff);
    expect(decide(answered(404), shouldRetry)).toEqual(refused);
    await new Promise(resolve => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(emitWarning).toHaveBeenCalledTimes(1);
  });
});
