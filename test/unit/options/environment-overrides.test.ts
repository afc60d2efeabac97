import { describe, expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { clientOptionsFromEnv } from '../../../src/options/from-environment.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf } from './issues-of.ts';

const URL_SET = { YOUTUBE_SERVICE_URL: 'http://localhost:3001' };
type Variables = Record<string, string | undefined>;
const fromEnv = (variables: Variables = {}, overrides?: ServiceClientOverrides) =>
  clientOptionsFromEnv('youtube', overrides, { ...URL_SET, ...variables });
const resolved = (variables?: Variables, overrides?: ServiceClientOverrides) =>
  resolveOptions(fromEnv(variables, overrides));
const issues = (variables: Variables, overrides?: ServiceClientOverrides) =>
  issuesOf(() => fromEnv(variables, overrides));

describe('overrides', () => {
  test.each<ServiceClientOverrides>([
    { baseUrl: 'http://b' },
    { endpoints: ['http://b', 'http://c'] },
    { discovery: { async *watch() {} } },
  ])('an address in code stands alone and makes the URL variable unnecessary: %j', address => {
    for (const YOUTUBE_SERVICE_URL of ['http://a', '', 'nonsense', 'http://a,']) {
      const { baseUrl, endpoints, discovery } = fromEnv({ YOUTUBE_SERVICE_URL }, address);
      expect({ baseUrl, endpoints, discovery }).toEqual({
        baseUrl: undefined,
        endpoints: undefined,
        discovery: undefined,
        ...address,
      });
    }
  });

  test('a wrong value in code is not blamed on a variable', () => {
    expect(issues({ YOUTUBE_RETRY_ATTEMPTS: '2' }, { retry: { maxAttempts: 99 } })).toEqual([
      expect.stringMatching(/^retry\.maxAttempts: /),
    ]);
    expect(issues({}, { baseUrl: 'ftp://b' })).toEqual([expect.stringMatching(/^baseUrl: /)]);
  });

  test('win over the environment, and the environment gives way to them', () => {
    const over = { timeout: { totalMs: 5_000 } };
    expect(resolved({}, over).timeout).toMatchObject({ totalMs: 5_000, attemptMs: 5_000, connectMs: 2_000 });
    expect(resolved({ YOUTUBE_SERVICE_TIMEOUT: '9' }, over).timeout).toMatchObject({
      totalMs: 5_000,
      attemptMs: 5_000,
    });
    expect(
      resolved({ YOUTUBE_RETRY_DELAY: '9' }, { retry: { backoff: { maxDelayMs: 50 } } }).retry,
    ).toMatchObject({
      backoff: { baseDelayMs: 50, maxDelayMs: 50 },
    });
  });

  test("what is explicitly undefined stays the environment's", () => {
    expect(fromEnv({}, { timeout: { attemptMs: undefined }, baseUrl: undefined })).toEqual(fromEnv());
  });
});

describe('the total', () => {
  const total = (variables: Variables, overrides?: ServiceClientOverrides) =>
    resolved(variables, overrides).timeout.totalMs;

  test('is all attempts and longest waits added up', () => {
    expect(total({ YOUTUBE_SERVICE_TIMEOUT: '10', YOUTUBE_RETRY_ATTEMPTS: '5' })).toBe(
      50_000 + 1_000 + 2_000 + 4_000 + 5_000,
    );
    expect(total({ YOUTUBE_SERVICE_TIMEOUT: '10', YOUTUBE_RETRY_ATTEMPTS: '1' })).toBe(10_000);
    expect(total({ YOUTUBE_RETRY_DELAY: '20' })).toBe(3 * 30_000 + 2 * 20_000);
  });

  test('counts what code sets over the environment', () => {
    expect(
      total({}, { retry: { maxAttempts: 2, backoff: { baseDelayMs: 10 } }, timeout: { attemptMs: 100 } }),
    ).toBe(210);
    expect(total({}, { retry: false })).toBe(30_000);
    expect(total({}, { timeout: { attemptMs: false } })).toBe(false);
  });

  test('is the variable where that is set, and never more than a timer can hold', () => {
    expect(total({ YOUTUBE_TOTAL_TIMEOUT: '40' })).toBe(40_000);
    expect(resolved({ YOUTUBE_TOTAL_TIMEOUT: '10' }).timeout).toMatchObject({
      totalMs: 10_000,
      attemptMs: 10_000,
    });
    expect(total({ YOUTUBE_SERVICE_TIMEOUT: '2000000' })).toBe(2 ** 31 - 1);
  });
});
