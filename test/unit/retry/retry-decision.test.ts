import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BodyTooLargeError } from '../../../src/errors/body-too-large-error.ts';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { ClientClosedError } from '../../../src/errors/client-closed-error.ts';
import { DecodeError } from '../../../src/errors/decode-error.ts';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { LoopError } from '../../../src/errors/loop-error.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { OverloadedError } from '../../../src/errors/overloaded-error.ts';
import { UnhealthyError } from '../../../src/errors/unhealthy-error.ts';
import { ValidationError } from '../../../src/errors/validation-error.ts';
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
  timedOut,
} from './retry-facts.ts';

const service = 'users';
const endpoint = 'http://localhost:3001';
const backoff = { delayMs: 50, source: 'backoff' };
const post = { method: 'POST', resendable: false };

function decide(error: unknown, overrides: Partial<RetryFacts> = {}) {
  return decideRetry(factsOf(error, overrides)).decision;
}

function budgetOf(resends: number): RetryBudget {
  const settings = { ratio: 0, minRetriesPerSecond: resends, windowMs: 1000 };
  return new RetryBudget(settings, new ManualClock());
}

describe('which failures are resent', () => {
  test.each([500, 502, 503, 504])('a %i is', status => {
    expect(decide(answered(status))).toEqual(backoff);
  });

  test.each([400, 401, 403, 404, 408, 409, 425, 429, 501, 505])('a %i is not', status => {
    expect(decide(answered(status))).toEqual({ refused: 'not-retryable' });
  });

  test('a status is when the user lists it', () => {
    const retry = retryWith({ statusCodes: new Set([408, 501]) });
    expect(decide(answered(408), { retry })).toEqual(backoff);
    expect(decide(answered(501), { retry })).toEqual(backoff);
    expect(decide(answered(503), { retry })).toEqual({ refused: 'not-retryable' });
  });

  test.each([
    ['a reset before the response', reset],
    [
      'a reset while sending',
      broken({ phase: 'request', systemCode: 'EPIPE', cause: new Error('write EPIPE') }),
    ],
    ['a body that broke off', broken({ phase: 'body', systemCode: 'ECONNRESET' })],
    ['an attempt that took too long', timedOut('attempt')],
    ['a body that stalled', timedOut('idle')],
  ])('%s is, for calls that may be repeated', (_, error) => {
    expect(decide(error)).toEqual(backoff);
    expect(decide(error, post)).toEqual({ refused: 'not-retryable' });
  });

  test('a POST answered 503 is not', () => {
    expect(decide(answered(503), post)).toEqual({ refused: 'not-retryable' });
  });

  test.each([
    ['a refused connection', refusedConnection],
    ['a temporary DNS failure', broken({ phase: 'lookup', systemCode: 'EAI_AGAIN', neverSent: true })],
    ['a reset in the TLS handshake', broken({ phase: 'tls', systemCode: 'ECONNRESET', neverSent: true })],
    ['a connect timeout', timedOut('connect')],
  ])('%s is, with any method, since nothing was sent', (_, error) => {
    expect(decide(error, post)).toEqual(backoff);
  });

  test('a certificate failure is not', () => {
    expect(decide(broken({ phase: 'tls', systemCode: 'CERT_HAS_EXPIRED' }))).toEqual({
      refused: 'not-retryable',
    });
  });

  test.each([
    ['threw', broken({ phase: 'request', cause: new Error('disk full'), callerCause: true })],
    [
      'threw a system error',
      broken({ phase: 'request', cause: Object.assign(new Error(), { code: 'EIO' }), callerCause: true }),
    ],
    [
      'had another length',
      broken({ phase: 'request', systemCode: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH', sourceFailed: true }),
    ],
  ])('an upload whose source %s is not', (_, error) => {
    expect(decide(error)).toEqual({ refused: 'not-retryable' });
  });

  test('a name that does not exist is, with any method, but only to another endpoint', () => {
    const error = broken({ phase: 'lookup', systemCode: 'ENOTFOUND', neverSent: true });
    expect(decide(error, post)).toEqual(backoff);
    expect(decide(error, { ...post, hasOtherEndpoint: false })).toEqual({ refused: 'no-endpoint' });
  });

  test('a malformed response is, for calls that may be repeated, but only to another endpoint', () => {
    const error = broken({ phase: 'response', systemCode: 'HPE_INVALID_CONSTANT' });
    expect(decide(error)).toEqual(backoff);
    expect(decide(error, { hasOtherEndpoint: false })).toEqual({ refused: 'no-endpoint' });
    expect(decide(error, post)).toEqual({ refused: 'not-retryable' });
  });

  test.each([
    [
      'a body that does not parse',
      new DecodeError({ service, endpoint, contentType: 'text/html', status: 200 }),
    ],
    ['a body that does not match', new ValidationError({ service, endpoint, issues: [], status: 200 })],
    ['a body that is too large', new BodyTooLargeError({ service, endpoint, limitBytes: 1 })],
    ['bad input', new InvalidRequestError({ service, issues: [] })],
    ['our own overload', new OverloadedError({ service, maxConcurrent: 1, maxQueued: 0 })],
    ['a loop', new LoopError({ service })],
    ['a closed client', new ClientClosedError({ service })],
    ["a caller's abort", new DOMException('aborted', 'AbortError')],
    ['a bug', new TypeError('undefined is not a function')],
    ['something that is no error', undefined],
  ])('%s is not, and no hook is asked', (_, error) => {
    const shouldRetry = vi.fn();
    expect(decide(error, { retry: retryWith({ shouldRetry }) })).toEqual({ refused: 'not-retryable' });
    expect(shouldRetry).not.toHaveBeenCalled();
  });

  test('nothing is once the call itself has run out of time', () => {
    expect(decide(timedOut('total'))).toEqual({ refused: 'deadline-too-near' });
  });

  test('an attempt that found no endpoint is not', () => {
    expect(decide(new CircuitOpenError({ service, retryAfterMs: 100 }))).toEqual({ refused: 'circuit-open' });
    expect(decide(new UnhealthyError({ service, endpoints: [] }))).toEqual({ refused: 'no-endpoint' });
    expect(decide(new NoEndpointError({ service }))).toEqual({ refused: 'no-endpoint' });
  });

  test('nothing is with `retry: false`', () => {
    for (const error of [answered(503), reset, refusedConnection, staleConnection]) {
      expect(decide(error, { retry: false })).toEqual({ refused: 'not-retryable' });
    }
  });

  test('nothing is whose body cannot be sent again', () => {
    for (const error of [answered(503), refusedConnection, staleConnection, answered(401)]) {
      expect(decide(error, { replayable: false, authRefresh: true })).toEqual({ refused: 'not-retryable' });
    }
  });
});

describe('x-should-retry', () => {
  test('false forbids a resend', () => {
    expect(decide(answered(503, { 'x-should-retry': 'false' }))).toEqual({ refused: 'not-retryable' });
    const both = { 'x-should-retry': 'false', 'retry-after': '1' };
    expect(decide(answered(503, both))).toEqual({ refused: 'not-retryable' });
  });

  test('false is not overruled by the hook', () => {
    const retry = retryWith({ shouldRetry: () => true });
    expect(decide(answered(503, { 'x-should-retry': 'false' }), { retry })).toEqual({
      refused: 'not-retryable',
    });
  });

  test.each([400, 409, 429, 501])('true allows a %i to be resent, under the method rule', status => {
    const error = answered(status, { 'x-should-retry': 'true' });
    expect(decide(error)).toEqual(backoff);
    expect(decide(error, post)).toEqual({ refused: 'not-retryable' });
  });

  test('anything else changes nothing', () => {
    expect(decide(answered(404, { 'x-should-retry': 'yes' }))).toEqual({ refused: 'not-retryable' });
    expect(decide(answered(503, { 'x-should-retry': 'no' }))).toEqual(backoff);
  });
});

describe('Retry-After', () => {
  test.each([429, 503])('on a %i is a minimum that the jittered backoff is added to', status => {
    const error = answered(status, { 'retry-after': '2' });
    expect(decide(error)).toEqual({ delayMs: 2050, source: 'retry-after' });
  });

  test('makes a 503 that is not listed resendable', () => {
    const retry = retryWith({ statusCodes: new Set() });
    expect(decide(answered(503, { 'retry-after': '2' }), { retry })).toMatchObject({ source: 'retry-after' });
  });

  test('follows the method rule', () => {
    expect(decide(answered(429, { 'retry-after': '2' }), post)).toEqual({ refused: 'not-retryable' });
  });

  test('of 0 or in the past means the normal backoff', () => {
    expect(decide(answered(429, { 'retry-after': '0' }))).toEqual(backoff);
    expect(decide(answered(503, { 'retry-after': 'Thu, 01 Jan 1998 00:00:00 GMT' }))).toEqual(backoff);
  });

  test('that does not parse counts as absent', () => {
    expect(decide(answered(429, { 'retry-after': '-1' }))).toEqual({ refused: 'not-retryable' });
    expect(decide(answered(503, { 'retry-after': 'soon' }))).toEqual(backoff);
  });

  test.each([500, 502, 504])('on a %i is ignored', status => {
    expect(decide(answered(status, { 'retry-after': '3600' }))).toEqual(backoff);
  });

  test('on a 404 allows nothing', () => {
    expect(decide(answered(404, { 'retry-after': '1' }))).toEqual({ refused: 'not-retryable' });
  });

  test('is waited for up to maxRetryAfterMs, jitter not counted', () => {
    expect(decide(answered(503, { 'retry-after': '10' }))).toEqual({
      delayMs: 10_050,
      source: 'retry-after',
    });
    const refused = { refused: 'retry-after-too-long' };
    expect(decide(answered(503, { 'retry-after': '11' }))).toEqual(refused);
    expect(decide(answered(503, { 'retry-after': '9'.repeat(400) }))).toEqual(refused);
  });

  test('is kept when the hook is what allows the resend', () => {
    const retry = retryWith({ shouldRetry: () => true });
    const error = answered(429, { 'retry-after': '2' });
    expect(decide(error, { ...post, retry })).toEqual({ delayMs: 2050, source: 'retry-after' });
  });
});

describe('what stands in the way', () => {
  test('attempts are spent at the maximum', () => {
    expect(decide(reset, { attemptsCounted: 2 })).toMatchObject({ source: 'backoff' });
    expect(decide(reset, { attemptsCounted: 3 })).toEqual({ refused: 'attempts-spent' });
    expect(decide(reset, { retry: retryWith({ maxAttempts: 1 }) })).toEqual({ refused: 'attempts-spent' });
  });

  test('the backoff grows with the attempts that count, not with those in the log', () => {
    expect(decide(reset, { attempt: 2, attemptsCounted: 1 })).toEqual(backoff);
    expect(decide(reset, { attempt: 3, attemptsCounted: 2 })).toEqual({ delayMs: 100, source: 'backoff' });
  });

  test('a wait that ends at or after the deadline is not begun', () => {
    expect(decide(reset, { remainingMs: 50.1 })).toEqual(backoff);
    expect(decide(reset, { remainingMs: 50 })).toEqual({ refused: 'deadline-too-near' });
    expect(decide(reset, { remainingMs: undefined })).toEqual(backoff);
  });

  test('no time is no time, also for a retry without a wait', () => {
    expect(decide(reset, { random: () => 0, remainingMs: 0 })).toEqual({ refused: 'deadline-too-near' });
  });

  test.each(['circuit-open', 'no-endpoint'] as const)(
    'endpoints that would refuse it after the wait: %s',
    why => {
      expect(decide(reset, { obstacle: delayMs => (delayMs === 50 ? why : undefined) })).toEqual({
        refused: why,
      });
    },
  );

  test('a spent budget', () => {
    expect(decide(reset, { budget: budgetOf(0) })).toEqual({ refused: 'budget-spent' });
  });

  test('the first reason in order is the one that is told', () => {
    const everything: Partial<RetryFacts> = {
      attemptsCounted: 3,
      obstacle: () => 'circuit-open',
      remainingMs: 0,
      budget: budgetOf(0),
    };
    const long = answered(503, { 'retry-after': '60' });
    expect(decide(long, { ...everything, ...post })).toEqual({ refused: 'not-retryable' });
    expect(decide(long, everything)).toEqual({ refused: 'attempts-spent' });
    const remaining = { ...everything, attemptsCounted: 1 };
    expect(decide(long, remaining)).toEqual({ refused: 'retry-after-too-long' });
    expect(decide(reset, remaining)).toEqual({ refused: 'circuit-open' });
    expect(decide(reset, { ...remaining, obstacle: () => undefined })).toEqual({
      refused: 'deadline-too-near',
    });
  });
});

describe('the budget', () => {
  test('is drawn on once per retry', () => {
    const budget = budgetOf(2);
    expect(decide(reset, { budget })).toEqual(backoff);
    expect(budget.canWithdraw()).toBe(true);
    expect(decide(reset, { budget })).toEqual(backoff);
    expect(budget.canWithdraw()).toBe(false);
  });

  test.each<[string, unknown, Partial<RetryFacts>]>([
    ['it is not retryable', answered(404), {}],
    ['attempts are spent', reset, { attemptsCounted: 3 }],
    ['the server asks for too long a wait', answered(503, { 'retry-after': '60' }), {}],
    ['the circuit is open', reset, { obstacle: () => 'circuit-open' }],
    ['the deadline is too near', reset, { remainingMs: 1 }],
    ['the hook says no', reset, { retry: retryWith({ shouldRetry: () => false }) }],
    ['a stale connection is replaced', staleConnection, {}],
    ['a credential is refreshed', answered(401), { authRefresh: true }],
  ])('is left alone when %s', (_, error, overrides) => {
    const budget = budgetOf(1);
    decide(error, { ...overrides, budget });
    expect(budget.canWithdraw()).toBe(true);
  });

  test('bounds decisions made at the same time', () => {
    const budget = budgetOf(5);
    const decisions = Array.from({ length: 100 }, () => decide(reset, { budget }));
    expect(decisions.filter(decision => !('refused' in decision))).toHaveLength(5);
  });
});

describe('a stale keep-alive connection', () => {
  const replaced = { decision: { delayMs: 0, source: 'immediate' }, free: 'stale-connection' };

  test('is replaced at once, outside attempts and budget', () => {
    const facts = { attemptsCounted: 3, budget: budgetOf(0) };
    expect(decideRetry(factsOf(staleConnection, facts))).toEqual(replaced);
    const retry = retryWith({ maxAttempts: 1 });
    expect(decideRetry(factsOf(staleConnection, { retry }))).toEqual(replaced);
  });

  test('is replaced once: the second time it is a reset like any other', () => {
    expect(decideRetry(factsOf(staleConnection, { freeReplacementUsed: true }))).toEqual({
      decision: backoff,
    });
  });

  test('is not replaced for a call that must not be repeated', () => {
    expect(decide(staleConnection, post)).toEqual({ refused: 'not-retryable' });
  });

  test('is not replaced when no endpoint or no time is left', () => {
    expect(decide(staleConnection, { obstacle: () => 'circuit-open' })).toEqual({ refused: 'circuit-open' });
    expect(decide(staleConnection, { remainingMs: 0 })).toEqual({ refused: 'deadline-too-near' });
  });
});

describe('a 401 with auth', () => {
  const refreshed = { decision: { delayMs: 0, source: 'immediate' }, free: 'auth' };

  test('is resent at once, with any method, outside attempts and budget', () => {
    const facts = { ...post, authRefresh: true, attemptsCounted: 3, budget: budgetOf(0) };
    expect(decideRetry(factsOf(answered(401), facts))).toEqual(refreshed);
  });

  test('is resent without retries too', () => {
    expect(decideRetry(factsOf(answered(401), { retry: false, authRefresh: true }))).toEqual(refreshed);
  });

  test('is resent whatever x-should-retry says: it goes out with another credential', () => {
    const error = answered(401, { 'x-should-retry': 'false' });
    expect(decideRetry(factsOf(error, { authRefresh: true }))).toEqual(refreshed);
  });

  test('is not resent twice, nor any other status', () => {
    expect(decide(answered(401), { authRefresh: false })).toEqual({ refused: 'not-retryable' });
    expect(decide(answered(403), { authRefresh: true })).toEqual({ refused: 'not-retryable' });
  });

  test('is not resent when no time is left', () => {
    expect(decide(answered(401), { authRefresh: true, remainingMs: 0 })).toEqual({
      refused: 'deadline-too-near',
    });
  });
});

test('no decision waits longer than allowed, costs a second token, or passes the maximum, whatever the facts', () => {
  const errors = fc.oneof(
    fc
      .tuple(fc.integer({ min: 400, max: 599 }), fc.constantFrom('0', '3', '60', 'x'))
      .map(([status, after]) => answered(status, { 'retry-after': after })),
    fc.constantFrom(
      reset,
      refusedConnection,
      staleConnection,
      timedOut('idle'),
      timedOut('total'),
      'no error',
    ),
  );
  const facts = fc.record({
    resendable: fc.boolean(),
    replayable: fc.boolean(),
    attemptsCounted: fc.integer({ min: 1, max: 5 }),
    freeReplacementUsed: fc.boolean(),
    authRefresh: fc.boolean(),
    remainingMs: fc.option(fc.integer({ min: -10, max: 20_000 }), { nil: undefined }),
    hasOtherEndpoint: fc.boolean(),
    random: fc.double({ min: 0, max: 1, noNaN: true }).map(draw => () => draw),
  });
  fc.assert(
    fc.property(errors, facts, fc.integer({ min: 0, max: 2 }), (error, given, tokens) => {
      const budget = budgetOf(tokens);
      const { decision, free } = decideRetry(factsOf(error, { ...given, budget }));
      let left = 0;
      while (left < 10 && budget.withdraw()) left++;
      const costs = !('refused' in decision) && free === undefined ? 1 : 0;
      expect(left).toBe(tokens - costs);
      if ('refused' in decision) return;
      expect(given.replayable).toBe(true);
      expect(decision.delayMs).toBeLessThan(given.remainingMs ?? Number.POSITIVE_INFINITY);
      expect(decision.delayMs).toBeLessThanOrEqual(15_000);
      if (free === undefined) expect(given.attemptsCounted).toBeLessThan(3);
      expect(given.resendable || error === refusedConnection || free === 'auth').toBe(true);
    }),
    { numRuns: 2000 },
  );
});
