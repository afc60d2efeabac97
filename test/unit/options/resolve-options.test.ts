import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { DEFAULTS, PROBE_DEFAULTS } from '../../../src/options/defaults.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { issuesOf, refusalOf } from './issues-of.ts';

const BASE = { name: 'users', baseUrl: 'http://localhost:3001' };

/** Options as a caller without types writes them. */
function resolve(options: Record<string, unknown>) {
  return resolveOptions({ ...BASE, ...options } as ServiceClientOverrides);
}
const issues = (options: Record<string, unknown>) => issuesOf(() => resolve(options));

describe('defaults', () => {
  test('a name and an address are enough', () => {
    const { methods, statusCodes, ...retry } = DEFAULTS.retry;
    expect(resolveOptions(BASE)).toEqual({
      ...DEFAULTS,
      hedge: undefined,
      name: 'users',
      endpoints: [{ url: 'http://localhost:3001', weight: 1, serverName: undefined, hostHeader: undefined }],
      retry: {
        ...retry,
        methods: new Set(methods),
        statusCodes: new Set(statusCodes),
        shouldRetry: undefined,
      },
    });
  });

  test('the system gives time and draws', () => {
    const { clock, random } = resolveOptions(BASE);
    expect(clock).toBe(systemClock);
    expect(random()).toBeGreaterThanOrEqual(0);
    expect(random()).toBeLessThan(1);
  });

  test('an explicit undefined counts as absent, at any depth and under any name', () => {
    const nothing = {
      timeout: { totalMs: undefined },
      retry: { backoff: { factor: undefined }, budget: undefined },
    };
    const more = { endpoints: undefined, probe: undefined, tiemout: undefined, headers: { a: undefined } };
    expect(resolve({ ...nothing, ...more })).toEqual(resolveOptions(BASE));
  });

  test.each(['retry', 'circuitBreaker', 'bulkhead'] as const)('%s: true is the default', key => {
    expect(resolve({ [key]: true })[key]).toEqual(resolveOptions(BASE)[key]);
  });

  test.each(['retry', 'circuitBreaker', 'bulkhead', 'probe'])('%s: false switches it off', key => {
    expect(resolve({ [key]: false })).toHaveProperty(key, false);
  });

  test.each([true, {}])('probe: %j switches probing on with its defaults', probe => {
    expect(resolve({ probe }).probe).toEqual(PROBE_DEFAULTS);
  });

  test('a retry budget can be switched off, and its parts can be zero', () => {
    expect(resolve({ retry: { budget: false } }).retry).toMatchObject({ budget: false });
    expect(resolve({ retry: { budget: { ratio: 0, minRetriesPerSecond: 0 } } }).retry).toMatchObject({
      budget: { ratio: 0, minRetriesPerSecond: 0, windowMs: 10_000 },
    });
  });

  test('each timeout can be switched off', () => {
    const off = { totalMs: false, attemptMs: false, connectMs: false, idleMs: false };
    expect(resolve({ timeout: off }).timeout).toEqual(off);
  });
});

describe('normal forms', () => {
  test('methods are upper case, header names lower case, a probe path begins with a slash', () => {
    const options = resolve({
      retry: { methods: ['get', 'Post'] },
      headers: { 'X-Team': 'a' },
      probe: { path: 'up?deep=1' },
    });
    expect(options.retry).toMatchObject({ methods: new Set(['GET', 'POST']) });
    expect(options.headers).toEqual({ 'x-team': 'a' });
    expect(options.probe).toMatchObject({ path: '/up?deep=1' });
  });

  test('with discovery there is no list of endpoints', () => {
    const discovery = { watch: async function* () {} };
    const options = resolveOptions({ name: 'users', discovery });
    expect(options.endpoints).toBeUndefined();
    expect(options.discovery).toBe(discovery);
  });
});

describe('ownership', () => {
  test('the options are copied: a later change by the caller changes nothing', () => {
    const headers: Record<string, string> = { a: '1' };
    const endpoints = [{ url: 'http://a', weight: 2 }];
    const timeout = { totalMs: 9_000 };
    const given = { name: 'users', endpoints, headers, timeout, tls: { ca: ['one'] } };
    const resolved = resolveOptions(given);
    const before = structuredClone({ ...resolved, clock: null, random: null });
    headers.a = '2';
    endpoints[0] = { url: 'http://b', weight: 3 };
    timeout.totalMs = 1;
    given.tls.ca.push('two');
    expect({ ...resolved, clock: null, random: null }).toEqual(before);
  });

  test('nothing of the caller is mutated or frozen', () => {
    const given = { ...BASE, timeout: { totalMs: 5_000 }, headers: { A: '1' }, interceptors: { call: [] } };
    const before = structuredClone(given);
    resolveOptions(given);
    expect(given).toEqual(before);
    for (const part of [given, given.timeout, given.headers, given.interceptors.call]) {
      expect(Object.isFrozen(part)).toBe(false);
    }
  });

  test('the result is frozen all the way down', () => {
    const options = resolve({ headers: { a: ['1'] }, tls: { ca: ['x'] }, probe: true });
    const parts = [options, options.endpoints, options.endpoints?.[0], options.headers, options.headers.a];
    const groups = [
      options.timeout,
      options.retry,
      options.circuitBreaker,
      options.bulkhead,
      options.probe,
      options.limits,
    ];
    const more = [
      options.pool,
      options.tls,
      options.propagate,
      options.interceptors,
      options.interceptors.call,
    ];
    const deep = options.retry === false ? [] : [options.retry.backoff, options.retry.budget];
    for (const part of [...parts, ...groups, ...more, ...deep]) expect(Object.isFrozen(part)).toBe(true);
  });

  test('what has a life of its own is kept as it is and stays usable', () => {
    const log = () => undefined;
    const logger = { debug: log, info: log, warn: log, error: log, count: 0 };
    const clock = { now: () => 0, monotonic: () => 0, setTimeout: () => ({ clear() {} }), time: 0 };
    const transport = { send: async () => Promise.reject(new Error('no')), close() {} };
    const strategy = { pick: () => undefined };
    const key = Buffer.from('key');
    const options = resolve({ logger, clock, transport, loadBalancing: { strategy }, tls: { key } });
    expect(options).toMatchObject({ loadBalancing: { strategy } });
    expect([options.logger, options.clock, options.transport, options.loadBalancing.strategy]).toEqual(
      expect.arrayContaining([logger, clock, transport, strategy]),
    );
    expect(options.logger).toBe(logger);
    expect(options.clock).toBe(clock);
    expect(options.tls).toHaveProperty('key', key);
    for (const object of [logger, clock, transport, strategy, key])
      expect(Object.isFrozen(object)).toBe(false);
  });

  test('a __proto__ key pollutes nothing and is reported', () => {
    const polluted = JSON.parse(
      '{"__proto__":{"polluted":1},"retry":{"__proto__":{"polluted":1}},"headers":{"__proto__":"x"}}',
    );
    const found = issuesOf(() => resolveOptions(Object.assign(polluted, BASE)));
    expect(found).toEqual([
      'headers.__proto__: unknown option',
      'retry.__proto__: unknown option',
      '__proto__: unknown option',
    ]);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('refusal', () => {
  test('one error lists every problem at once, in any kind', () => {
    const error = refusalOf(() =>
      resolveOptions({
        name: '7up',
        endpoints: ['http://a', { url: 'ftp://b', weight: 0 }, 'http://A/'],
        tiemout: {},
        timeout: { attemptMs: 2_000, totalMs: 1_000, idleMs: 0 },
        retry: { maxAttemps: 2, maxAttempts: 11, backoff: { jitter: 'ful' } },
        hedge: { delayMs: 5 },
      } as unknown as ServiceClientOverrides),
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    const paths = (error as ConfigurationError).issues.map(issue => issue.path);
    expect(paths.sort()).toEqual(
      [
        'name',
        'endpoints[1].url',
        'endpoints[1].weight',
        'endpoints[2].url',
        'tiemout',
        'timeout.idleMs',
        'timeout.attemptMs',
        'retry.maxAttemps',
        'retry.maxAttempts',
        'retry.backoff.jitter',
        'hedge',
      ].sort(),
    );
  });

  test.each([null, 5, 'http://a', [], undefined])('options %j are refused as a whole', options => {
    const found = issuesOf(() => resolveOptions(options as unknown as ServiceClientOverrides));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^expected an object of options, got /);
  });

  test('options that go in circles are refused, not followed', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(issues({ retry: circle, server: circle })).toEqual([
      'retry.self: unknown option',
      expect.stringMatching(/^server: unknown option/),
    ]);
  });

  test.each(['', '7up', '-a', 'a b', 'a/b', 'ü', 'a'.repeat(65), 5, 'a\n'])('name %j is refused', name => {
    expect(issues({ name })).toEqual([expect.stringMatching(/^name: expected a letter/)]);
  });

  test.each(['a', 'You.Tube_dl-2', 'a'.repeat(64)])('name %j is accepted', name => {
    expect(resolve({ name }).name).toBe(name);
  });

  test('a name is required, and so is exactly one address', () => {
    expect(issuesOf(() => resolveOptions({} as ServiceClientOverrides))).toEqual([
      'name: required: the name of the service',
      'baseUrl: required: exactly one of baseUrl, endpoints and discovery',
    ]);
    expect(issues({ endpoints: ['http://a'] })).toEqual([
      'endpoints: expected exactly one of baseUrl, endpoints and discovery, got baseUrl too',
    ]);
    expect(issues({ discovery: { watch() {} } })).toHaveLength(1);
  });

  test('the error carries the name only if it is one', () => {
    expect(refusalOf(() => resolve({ x: 1 }))).toHaveProperty('service', 'users');
    expect(refusalOf(() => resolve({ name: 'not a name' }))).toHaveProperty('service', '');
  });
});
