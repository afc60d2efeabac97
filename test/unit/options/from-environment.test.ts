import { describe, expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { clientOptionsFromEnv, optionsFromEnv } from '../../../src/options/from-environment.ts';
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

describe('reading', () => {
  test('the URL alone gives the environment defaults', () => {
    expect(optionsFromEnv('youtube', URL_SET)).toEqual({
      name: 'youtube',
      baseUrl: 'http://localhost:3001',
      timeout: { attemptMs: 30_000, connectMs: 2_000, totalMs: 3 * 30_000 + 1_000 + 2_000 },
      retry: { maxAttempts: 3, backoff: { baseDelayMs: 1_000 } },
    });
    expect(resolved().circuitBreaker).toMatchObject({ windowMs: 60_000 });
  });

  test('every variable sets its option', () => {
    const variables = {
      YOUTUBE_SERVICE_TIMEOUT: '20',
      YOUTUBE_TOTAL_TIMEOUT: '2m',
      YOUTUBE_CONNECT_TIMEOUT: '1500ms',
      YOUTUBE_RETRY_ATTEMPTS: '5',
      YOUTUBE_RETRY_DELAY: '0.5',
      YOUTUBE_HEALTH_PATH: '/up',
      YOUTUBE_HEALTH_INTERVAL: '5s',
      YOUTUBE_BREAKER_FAILURE_RATIO: '0.25',
      YOUTUBE_BREAKER_MIN_THROUGHPUT: '7',
      YOUTUBE_BREAKER_OPEN: '3',
    };
    expect(fromEnv(variables)).toEqual({
      name: 'youtube',
      baseUrl: 'http://localhost:3001',
      timeout: { attemptMs: 20_000, totalMs: 120_000, connectMs: 1_500 },
      retry: { maxAttempts: 5, backoff: { baseDelayMs: 500 } },
      probe: { path: '/up', intervalMs: 5_000 },
      circuitBreaker: { failureRatio: 0.25, minThroughput: 7, openMs: 3_000 },
    });
  });

  test('the process is the environment if none is given', () => {
    process.env.HOLDFAST_TEST_SERVICE_URL = 'http://from-process';
    try {
      expect(optionsFromEnv('holdfast-test')).toMatchObject({ baseUrl: 'http://from-process' });
    } finally {
      delete process.env.HOLDFAST_TEST_SERVICE_URL;
    }
  });

  test.each(['you-tube.dl', 'You_Tube-DL'])('%s has the prefix YOU_TUBE_DL', name => {
    expect(optionsFromEnv(name, { YOU_TUBE_DL_SERVICE_URL: 'http://a' })).toMatchObject({
      name,
      baseUrl: 'http://a',
    });
  });

  test('a list of URLs gives endpoints', () => {
    expect(fromEnv({ YOUTUBE_SERVICE_URL: ' http://a , http://b:2/x/ ' })).toMatchObject({
      endpoints: ['http://a', 'http://b:2/x/'],
    });
  });

  test('spaces around are trimmed and empty means unset', () => {
    expect(
      fromEnv({ YOUTUBE_SERVICE_TIMEOUT: '\t 5 \n', YOUTUBE_RETRY_DELAY: '', YOUTUBE_HEALTH_PATH: '  ' }),
    ).toEqual({
      ...fromEnv({ YOUTUBE_SERVICE_TIMEOUT: '5' }),
    });
  });

  test.each([
    ['30', 30_000],
    ['0.25', 250],
    ['1.005', 1_005],
    ['1500ms', 1_500],
    ['1.5ms', 1.5],
    ['30s', 30_000],
    ['2m', 120_000],
    ['007', 7_000],
  ])('%s is %d ms', (text, ms) => {
    expect(resolved({ YOUTUBE_SERVICE_TIMEOUT: text }).timeout.attemptMs).toBe(ms);
  });

  test('an interval alone does not switch probing on, but completes probing switched on in code', () => {
    const interval = { YOUTUBE_HEALTH_INTERVAL: '5' };
    expect(resolved(interval).probe).toBe(false);
    expect(resolved(interval, { probe: true }).probe).toMatchObject({ path: '/health', intervalMs: 5_000 });
    expect(resolved(interval, { probe: { path: '/up' } }).probe).toMatchObject({
      path: '/up',
      intervalMs: 5_000,
    });
    expect(resolved({ ...interval, YOUTUBE_HEALTH_PATH: '/up' }, { probe: false }).probe).toBe(false);
  });
});

describe('refusal', () => {
  const bad = [
    'soon',
    '-1',
    '0x10',
    '1e3',
    '+5',
    '1,5',
    '5 s',
    '5h',
    'ms',
    '.',
    'NaN',
    'Infinity',
    '1.',
    '.5',
    '５',
  ];
  test.each(bad)('%j is no duration', text => {
    expect(issues({ YOUTUBE_RETRY_DELAY: text })).toEqual([
      `YOUTUBE_RETRY_DELAY → retry.backoff.baseDelayMs: expected seconds or a duration such as "500ms", got "${text}"`,
    ]);
  });

  test('the message names variable and option', () => {
    expect(() => fromEnv({ YOUTUBE_RETRY_DELAY: 'soon' })).toThrow(
      'YOUTUBE_RETRY_DELAY → retry.backoff.baseDelayMs: expected seconds or a duration such as "500ms", got "soon"',
    );
  });

  test.each(['1.5', '-1', '1e1', '0x3', 'three', '3s'])('%j is no number of attempts', text => {
    expect(issues({ YOUTUBE_RETRY_ATTEMPTS: text })).toEqual([
      `YOUTUBE_RETRY_ATTEMPTS → retry.maxAttempts: expected a whole number, got "${text}"`,
    ]);
  });

  test('a value out of range names its variable', () => {
    const variables = {
      YOUTUBE_RETRY_ATTEMPTS: '11',
      YOUTUBE_SERVICE_TIMEOUT: '0',
      YOUTUBE_BREAKER_FAILURE_RATIO: '50',
      YOUTUBE_BREAKER_OPEN: '9'.repeat(400),
      YOUTUBE_HEALTH_PATH: '//evil',
    };
    expect(
      issues(variables)
        .map(issue => issue.split(': ')[0])
        .sort(),
    ).toEqual([
      'YOUTUBE_BREAKER_FAILURE_RATIO → circuitBreaker.failureRatio',
      'YOUTUBE_BREAKER_OPEN → circuitBreaker.openMs',
      'YOUTUBE_HEALTH_PATH → probe.path',
      'YOUTUBE_RETRY_ATTEMPTS → retry.maxAttempts',
      'YOUTUBE_SERVICE_TIMEOUT → timeout.attemptMs',
    ]);
  });

  test('everything wrong is listed at once, misread and out of range', () => {
    const variables = { YOUTUBE_SERVICE_URL: '', YOUTUBE_RETRY_DELAY: 'soon', YOUTUBE_RETRY_ATTEMPTS: '99' };
    expect(issues(variables, { tiemout: 1 } as ServiceClientOverrides)).toEqual([
      'YOUTUBE_RETRY_DELAY → retry.backoff.baseDelayMs: expected seconds or a duration such as "500ms", got "soon"',
      'YOUTUBE_SERVICE_URL → baseUrl: required: exactly one of baseUrl, endpoints and discovery',
      'YOUTUBE_RETRY_ATTEMPTS → retry.maxAttempts: expected a whole number from 1 to 10, got 99',
      'tiemout: unknown option, did you mean "timeout"?',
    ]);
  });

  test('values set together in the environment can contradict one another', () => {
    expect(issues({ YOUTUBE_SERVICE_TIMEOUT: '60', YOUTUBE_TOTAL_TIMEOUT: '10' })).toEqual([
      'YOUTUBE_SERVICE_TIMEOUT → timeout.attemptMs: must not exceed timeout.totalMs (10000), got 60000',
    ]);
  });

  test.each(['http://a,', ',http://a', 'http://a,,http://b', ','])('an empty item in %j is refused', list => {
    expect(issues({ YOUTUBE_SERVICE_URL: list })[0]).toMatch(
      /^YOUTUBE_SERVICE_URL → endpoints\[\d\]\.url: expected an .* URL .*, got an empty string$/,
    );
  });

  test('a URL is refused under its variable, without its secrets', () => {
    expect(issues({ YOUTUBE_SERVICE_URL: 'http://user:s3cret@host' })).toEqual([
      'YOUTUBE_SERVICE_URL → baseUrl: must not hold credentials, got "http://***@host"',
    ]);
    expect(issues({ YOUTUBE_SERVICE_URL: 's3cret' })[0]).not.toContain('s3cret');
    expect(issues({ YOUTUBE_SERVICE_URL: 'http://a,http://a' })).toEqual([
      'YOUTUBE_SERVICE_URL → endpoints[1].url: duplicate of endpoints[0].url',
    ]);
  });

  test.each(['', '7up', 'a b', 5, undefined])('name %j is refused', name => {
    expect(issuesOf(() => optionsFromEnv(name as string, {}))).toEqual([
      expect.stringMatching(/^name: expected /),
    ]);
  });

  test('a long value is cut short', () => {
    expect(issues({ YOUTUBE_RETRY_DELAY: 'x'.repeat(500) })[0]?.length).toBeLessThan(180);
  });
});
