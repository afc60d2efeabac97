import { describe, expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf } from './issues-of.ts';

const BASE = { name: 'users', baseUrl: 'http://localhost:3001' };
const MAX = 2 ** 31 - 1;

function nest(path: string, value: unknown): Record<string, unknown> {
  const [key = '', ...rest] = path.split('.');
  return { [key]: rest.length === 0 ? value : nest(rest.join('.'), value) };
}
const issues = (path: string, value: unknown) =>
  issuesOf(() => resolveOptions({ ...BASE, ...nest(path, value) } as ServiceClientOverrides));

const TIMER = {
  good: [0.5, 1, MAX],
  bad: [0, -1, MAX + 1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, {}],
};
const DELAY = { good: [0, 1, MAX], bad: [-1, MAX + 1, Number.NaN, '5', null, false] };
const COUNT = { good: [1, 5], bad: [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null] };
const FLAG = { good: [true, false], bad: [0, 'true', null] };
const fn = (): undefined => undefined;

const RULES: Readonly<Record<string, { good: readonly unknown[]; bad: readonly unknown[] }>> = {
  'timeout.totalMs': { good: [...TIMER.good, false], bad: [...TIMER.bad, true] },
  'timeout.attemptMs': { good: [...TIMER.good, false], bad: [...TIMER.bad, true] },
  'timeout.connectMs': { good: [...TIMER.good, false], bad: [...TIMER.bad, true] },
  'timeout.idleMs': { good: [...TIMER.good, false], bad: [...TIMER.bad, true] },
  timeout: { good: [{}], bad: [5, false, [], 'x', null] },
  retry: { good: [{}, true, false], bad: [5, 'on', [], null] },
  'retry.maxAttempts': { good: [1, 10], bad: [0, 11, 1.5, '3', Number.NaN] },
  'retry.backoff': { good: [{}], bad: [5, false, []] },
  'retry.backoff.baseDelayMs': DELAY,
  'retry.backoff.maxDelayMs': DELAY,
  'retry.backoff.factor': { good: [1, 1.5, 10], bad: [0.9, -2, Number.POSITIVE_INFINITY, '2'] },
  'retry.backoff.jitter': { good: ['full', 'equal', 'none'], bad: ['Full', '', false, 0.5] },
  'retry.methods': { good: [[], ['get'], ['M-SEARCH']], bad: ['GET', ['a b'], [''], [5], {}] },
  'retry.statusCodes': { good: [[], [400, 599]], bad: [500, [399], [600], [500.5], ['500']] },
  'retry.maxRetryAfterMs': DELAY,
  'retry.budget': { good: [{}, true, false], bad: [0.2, [], 'x'] },
  'retry.budget.ratio': { good: [0, 0.5, 1], bad: [-0.1, 1.1, '0.2', Number.NaN] },
  'retry.budget.minRetriesPerSecond': { good: [0, 0.5, 100], bad: [-1, Number.POSITIVE_INFINITY, '1'] },
  'retry.budget.windowMs': { good: [1], bad: [0, -1, Number.NaN, Number.POSITIVE_INFINITY] },
  'retry.shouldRetry': { good: [fn], bad: [true, {}] },
  circuitBreaker: { good: [{}, true, false], bad: [5, [], null] },
  'circuitBreaker.failureRatio': { good: [0.01, 1], bad: [0, 1.01, -1, '0.5'] },
  'circuitBreaker.minThroughput': COUNT,
  'circuitBreaker.windowMs': { good: [1, 60_000], bad: [0, -1, Number.NaN, '1'] },
  'circuitBreaker.openMs': TIMER,
  'circuitBreaker.maxOpenMs': TIMER,
  bulkhead: { good: [{}, true, false], bad: [5, []] },
  'bulkhead.maxConcurrent': COUNT,
  'bulkhead.maxQueued': { good: [0, 5], bad: [-1, 0.5, '1'] },
  'loadBalancing.strategy': {
    good: ['peak-ewma', 'round-robin', 'random', 'least-request', { pick: fn }],
    bad: ['round-robbin', {}, fn, false],
  },
  probe: { good: [{}, true, false], bad: [5, '/health', []] },
  'probe.path': {
    good: ['/health', 'health', '/a/b?c=d', '/.well-known/x'],
    bad: ['', '//evil', 'http://evil/', '/a\\b', '/../x', '/%2e%2E/x', '/a%2fb', '/a b', '/a\n', '/a#b', 5],
  },
  'probe.intervalMs': TIMER,
  'probe.timeoutMs': TIMER,
  'probe.healthyThreshold': COUNT,
  'probe.unhealthyThreshold': COUNT,
  'probe.failFast': FLAG,
  'limits.maxResponseBytes': { good: [0, 1, false], bad: [-1, 1.5, true, '1', Number.POSITIVE_INFINITY] },
  'limits.maxErrorBodyBytes': { good: [0, 1], bad: [-1, false, 1.5] },
  redirect: { good: ['manual', 'same-origin'], bad: ['follow', true] },
  'pool.maxSockets': COUNT,
  'pool.idleTimeoutMs': TIMER,
  tls: { good: [{}, fn], bad: [5, true, [], 'x'] },
  'tls.ca': { good: ['pem', Buffer.from('x'), ['a', Buffer.from('x')]], bad: [5, [5], {}] },
  'tls.cert': { good: ['pem'], bad: [5, false] },
  'tls.key': { good: ['pem', Buffer.from('x')], bad: [5, false] },
  'tls.passphrase': { good: ['x'], bad: [5, Buffer.from('x')] },
  'tls.serverName': { good: ['a.example', 'xn--a'], bad: ['', 'a b', 'a/b', 5] },
  'tls.minVersion': { good: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], bad: ['TLSv2', '1.2', 3] },
  auth: { good: [fn], bad: ['Bearer x', {}] },
  via: { good: [false, 'gateway-1'], bad: [true, '', 'a b', 'a\r\n', 5] },
  'propagate.deadline': FLAG,
  'propagate.context': FLAG,
  'interceptors.call': { good: [[], [fn]], bad: [fn, [5], {}] },
  'interceptors.attempt': { good: [[], [fn]], bad: [fn, ['x']] },
  logger: { good: [{ debug: fn, info: fn, warn: fn, error: fn }], bad: [fn, {}, { debug: fn }, null] },
  transport: { good: [{ send: fn, close: fn }], bad: [{ send: fn }, fn, 'got'] },
  clock: { good: [{ now: fn, monotonic: fn, setTimeout: fn }], bad: [{ now: fn }, Date, null] },
  random: { good: [fn], bad: [0.5, {}] },
};

describe.each(Object.entries(RULES))('%s', (path, { good, bad }) => {
  test.each(good.map(value => [value]))('accepts %o', value => {
    expect(issues(path, value)).toEqual([]);
  });

  test.each(bad.map(value => [value]))('refuses %o in one issue at its own path', value => {
    const found = issues(path, value);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(path)).toBe(true);
    expect(found[0]).toMatch(/^[\w.[\]]+: expected .*, got /);
  });
});

test.each([true, {}, { delayMs: 5 }, 5])('hedge: %j is not available yet', hedge => {
  expect(issues('hedge', hedge)).toEqual(['hedge: not available yet']);
  expect(issues('hedge', false)).toEqual([]);
});

test('a discovery is known by its watch method', () => {
  const discover = (discovery: unknown) =>
    issuesOf(() => resolveOptions({ name: 'users', discovery } as ServiceClientOverrides));
  class Discovery {
    async *watch() {}
  }
  expect(discover(new Discovery())).toEqual([]);
  expect(discover({})).toEqual(['discovery: expected an object with watch(), got an object']);
});

describe('unknown options', () => {
  test.each([
    ['tiemout', 'tiemout: unknown option, did you mean "timeout"?'],
    ['retry.maxAttemps', 'retry.maxAttemps: unknown option, did you mean "maxAttempts"?'],
    ['retry.backoff.baseDelay', 'retry.backoff.baseDelay: unknown option, did you mean "baseDelayMs"?'],
    ['retry.budget.ration', 'retry.budget.ration: unknown option, did you mean "ratio"?'],
    ['tls.passPhrase', 'tls.passPhrase: unknown option, did you mean "passphrase"?'],
    ['probe.interval', 'probe.interval: unknown option, did you mean "intervalMs"?'],
    ['url', 'url: unknown option, did you mean "baseUrl"?'],
    ['nmae', 'nmae: unknown option, did you mean "name"?'],
    ['tsl', 'tsl: unknown option, did you mean "tls"?'],
    ['retry.backoff.fatcor', 'retry.backoff.fatcor: unknown option, did you mean "factor"?'],
    ['maxAttempts', 'maxAttempts: unknown option, did you mean "retry.maxAttempts"?'],
    ['retry.totalMs', 'retry.totalMs: unknown option, did you mean "timeout.totalMs"?'],
    ['xyzzy', 'xyzzy: unknown option'],
    ['constructor', 'constructor: unknown option'],
    ['a key: with text', '"a key: with text": unknown option'],
  ])('%s', (path, expected) => {
    expect(issues(path, 1)).toEqual([expected]);
  });

  test('are found in a list of endpoints too', () => {
    const endpoints = [{ url: 'http://a', wieght: 2 }];
    expect(issuesOf(() => resolveOptions({ name: 'users', endpoints } as ServiceClientOverrides))).toEqual([
      'endpoints[0].wieght: unknown option, did you mean "weight"?',
    ]);
  });
});
