import { describe, expect, test } from 'vitest';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { type CallOverrides, resolveCallSettings } from '../../../src/options/call-settings.ts';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf, refusalOf } from './issues-of.ts';

const clientWith = (options: ServiceClientOverrides = {}) =>
  resolveOptions({ name: 'users', baseUrl: 'http://a', ...options } as ServiceClientOverrides);
const client = clientWith();
const issues = (own: unknown) => issuesOf(() => resolveCallSettings(client, own as CallOverrides));

describe('merging over the client', () => {
  test("a call that sets nothing gets the client's own object", () => {
    expect(resolveCallSettings(client, {})).toBe(client);
    expect(resolveCallSettings(client, { timeout: undefined, retry: undefined, limits: undefined })).toBe(
      client,
    );
  });

  test('each setting goes over the client by key, and the result is frozen', () => {
    const settings = resolveCallSettings(client, {
      timeout: { idleMs: 5 },
      retry: { maxAttempts: 2, backoff: { jitter: 'none' }, methods: ['post'] },
      limits: { maxResponseBytes: false },
      redirect: 'same-origin',
      hedge: false,
    });
    expect(settings).toEqual({
      timeout: { ...client.timeout, idleMs: 5 },
      retry: {
        ...(client.retry || {}),
        maxAttempts: 2,
        backoff: { baseDelayMs: 100, maxDelayMs: 5_000, factor: 2, jitter: 'none' },
        methods: new Set(['POST']),
      },
      limits: { maxResponseBytes: false, maxErrorBodyBytes: 65_536 },
      redirect: 'same-origin',
    });
    for (const part of [settings, settings.timeout, settings.retry, settings.limits]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test("a call that names no methods or statuses shares the client's sets instead of building its own", () => {
    const { retry } = resolveCallSettings(client, { retry: { maxAttempts: 2 } });
    if (retry === false || client.retry === false) throw new Error('retries are on');
    expect(retry.methods).toBe(client.retry.methods);
    expect(retry.statusCodes).toBe(client.retry.statusCodes);
  });

  test("what is explicitly undefined stays the client's", () => {
    const own = clientWith({ timeout: { idleMs: 7 }, retry: { maxAttempts: 9 } });
    const settings = resolveCallSettings(own, {
      timeout: { idleMs: undefined },
      retry: { maxAttempts: undefined },
    });
    expect(settings).toEqual({
      timeout: own.timeout,
      retry: own.retry,
      limits: own.limits,
      redirect: 'manual',
    });
  });

  test('false sends the call once, true and settings bring retries back', () => {
    expect(resolveCallSettings(client, { retry: false }).retry).toBe(false);
    expect(resolveCallSettings(client, { retry: true }).retry).toEqual(client.retry);
    const once = clientWith({ retry: false });
    expect(resolveCallSettings(once, { timeout: { idleMs: 5 } }).retry).toBe(false);
    expect(resolveCallSettings(once, { retry: true }).retry).toEqual(client.retry);
    expect(resolveCallSettings(once, { retry: { maxAttempts: 2 } }).retry).toEqual({
      ...client.retry,
      maxAttempts: 2,
    });
  });

  test("the client's durations give way to the call's", () => {
    const settled = clientWith({ timeout: { connectMs: 1_000, attemptMs: 4_000, totalMs: 9_000 } });
    const timeout = (own: CallOverrides['timeout']) => resolveCallSettings(settled, { timeout: own }).timeout;
    expect(timeout({ totalMs: 500 })).toMatchObject({ connectMs: 500, attemptMs: 500, totalMs: 500 });
    expect(timeout({ attemptMs: 20_000 })).toMatchObject({
      connectMs: 1_000,
      attemptMs: 20_000,
      totalMs: 20_000,
    });
    const backoff = resolveCallSettings(settled, { retry: { backoff: { maxDelayMs: 10 } } }).retry;
    expect(backoff).toMatchObject({ backoff: { baseDelayMs: 10, maxDelayMs: 10 } });
  });

  test('the circuit window is no concern of a call', () => {
    const narrow = clientWith({ circuitBreaker: { windowMs: 10_000 } });
    expect(resolveCallSettings(narrow, { timeout: { attemptMs: 20_000 } }).timeout.attemptMs).toBe(20_000);
  });

  test("the client's settings are not touched", () => {
    const before = structuredClone({ timeout: client.timeout, limits: client.limits });
    resolveCallSettings(client, { timeout: { totalMs: 1 }, limits: { maxErrorBodyBytes: 1 } });
    expect({ timeout: client.timeout, limits: client.limits }).toEqual(before);
  });
});

describe('refusal', () => {
  test('one InvalidRequestError lists everything', () => {
    const own = {
      timeout: { attemptMs: 9, totalMs: 8, idle: 1 },
      retry: { maxAttempts: 0, budget: {} },
      limits: 5,
      redirect: 'follow',
      hedge: { delayMs: 5 },
    };
    const error = refusalOf(() => resolveCallSettings(client, own as unknown as CallOverrides));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toHaveProperty('service', 'users');
    expect(issues(own).sort()).toEqual([
      'hedge: not available yet',
      'limits: expected an object, got 5',
      'redirect: expected "manual" or "same-origin", got "follow"',
      'retry.budget: belongs to the client, not to a call',
      'retry.maxAttempts: expected a whole number from 1 to 10, got 0',
      'timeout.attemptMs: must not exceed timeout.totalMs (8), got 9',
      'timeout.idle: unknown option, did you mean "idleMs"?',
    ]);
  });

  test.each([{ timeout: null }, { retry: null }, { limits: null }, { redirect: null }, { hedge: null }])(
    '%j',
    own => {
      expect(issues(own)).toHaveLength(1);
    },
  );

  test('a __proto__ key pollutes nothing and is refused', () => {
    expect(issues({ timeout: JSON.parse('{"__proto__":{"totalMs":1}}') })).toEqual([
      'timeout.__proto__: unknown option',
    ]);
  });
});
