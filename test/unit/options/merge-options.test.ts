import { describe, expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { mergeOptions } from '../../../src/options/merge-options.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf } from './issues-of.ts';

const fn = () => undefined;

describe('merging', () => {
  test('goes per key, groups within groups, the later set winning', () => {
    const base = {
      timeout: { totalMs: 9_000, idleMs: 1 },
      retry: { maxAttempts: 5, backoff: { factor: 3 } },
    };
    const over = { timeout: { idleMs: 2 }, retry: { backoff: { jitter: 'none' as const } } };
    expect(mergeOptions(base, over, { retry: { maxAttempts: 4 } })).toEqual({
      timeout: { totalMs: 9_000, idleMs: 2 },
      retry: { maxAttempts: 4, backoff: { factor: 3, jitter: 'none' } },
    });
  });

  test('lists and functions replace', () => {
    const call = () => Promise.reject(new Error('no'));
    const merged = mergeOptions(
      {
        retry: { methods: ['GET', 'PUT'], shouldRetry: fn },
        interceptors: { call: [call, call], attempt: [] },
        tls: { ca: 'a' },
      },
      { retry: { methods: ['POST'] }, interceptors: { call: [call] }, tls: () => ({}) },
    );
    expect(merged.retry).toEqual({ methods: ['POST'], shouldRetry: fn });
    expect(merged.interceptors).toEqual({ call: [call], attempt: [] });
    expect(merged.tls).toBeTypeOf('function');
    expect(mergeOptions({ tls: () => ({}) }, { tls: { ca: 'b' } }).tls).toEqual({ ca: 'b' });
  });

  test('objects with a life of their own replace, even where both are literals', () => {
    const logger = (level: string) => ({ debug: fn, info: fn, warn: fn, error: fn, level });
    const own = logger('own');
    expect(mergeOptions({ logger: { ...logger('shared'), extra: 1 } as never }, { logger: own }).logger).toBe(
      own,
    );
    const strategy = { pick: fn };
    expect(
      mergeOptions({ loadBalancing: { strategy: { pick: fn } } }, { loadBalancing: { strategy } }),
    ).toHaveProperty('loadBalancing.strategy', strategy);
  });

  test.each(['baseUrl', 'endpoints', 'discovery'])('an address replaces any other: %s', key => {
    const value = { baseUrl: 'http://b', endpoints: ['http://c'], discovery: { watch: fn } }[key];
    for (const base of [{ baseUrl: 'http://a' }, { endpoints: ['http://a'] }, { discovery: { watch: fn } }]) {
      expect(
        mergeOptions(base as ServiceClientOverrides, { [key]: value } as ServiceClientOverrides),
      ).toEqual({ [key]: value });
    }
  });

  test('two addresses in one set are left for the check to refuse', () => {
    const both = { baseUrl: 'http://b', endpoints: ['http://c'] } as unknown as ServiceClientOverrides;
    expect(
      issuesOf(() => resolveOptions(mergeOptions({ name: 'a', discovery: { watch: fn } as never }, both))),
    ).toHaveLength(1);
  });

  test('an explicit undefined changes nothing, at any depth', () => {
    const base = {
      baseUrl: 'http://a',
      timeout: { totalMs: 9_000 },
      headers: { a: '1' },
      retry: false as const,
    };
    const over = {
      endpoints: undefined,
      timeout: { totalMs: undefined },
      headers: { A: undefined },
      retry: undefined,
    };
    expect(mergeOptions(base, over, undefined)).toEqual(base);
    expect(Object.keys(mergeOptions({ probe: undefined }, { hedge: undefined }))).toEqual([]);
  });

  test('false switches off what was set, settings switch on what was off, true keeps the settings', () => {
    expect(mergeOptions({ retry: { maxAttempts: 5 } }, { retry: false })).toEqual({ retry: false });
    expect(mergeOptions({ retry: false }, { retry: { maxAttempts: 5 } })).toEqual({
      retry: { maxAttempts: 5 },
    });
    expect(mergeOptions({ probe: { path: '/up' } }, { probe: true })).toEqual({ probe: { path: '/up' } });
    expect(mergeOptions({ probe: false }, { probe: true })).toEqual({ probe: true });
    const budget = { retry: { budget: { ratio: 0.1 } } };
    expect(mergeOptions(budget, { retry: { budget: true } })).toEqual(budget);
    expect(mergeOptions({ timeout: { totalMs: 1 } }, { timeout: true as never })).toEqual({ timeout: true });
  });

  test('header names match in any case', () => {
    expect(
      mergeOptions({ headers: { 'X-Team': 'a', 'x-other': 'b' } }, { headers: { 'x-team': 'c' } }),
    ).toEqual({
      headers: { 'x-other': 'b', 'x-team': 'c' },
    });
  });

  test('nothing given is mutated, and the result shares no group with it', () => {
    const base = { timeout: { totalMs: 9_000 }, headers: { a: '1' } };
    const over = { timeout: { totalMs: 1_000 }, retry: { backoff: { factor: 3 } } };
    const before = structuredClone({ base, over });
    const merged = mergeOptions(base, over);
    Object.assign(merged.timeout ?? {}, { totalMs: 5 });
    Object.assign(merged.headers ?? {}, { a: '2' });
    Object.assign(merged.retry ?? {}, { maxAttempts: 9 });
    expect({ base, over }).toEqual(before);
  });

  test('a __proto__ key pollutes nothing and stays visible to the check', () => {
    const polluted = JSON.parse('{"__proto__":{"polluted":1},"retry":{"__proto__":{"polluted":1}}}');
    const merged = mergeOptions({ name: 'a', baseUrl: 'http://a', retry: {} }, polluted);
    expect(merged).not.toHaveProperty('polluted');
    expect(merged.retry).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
    expect(issuesOf(() => resolveOptions(merged))).toEqual([
      'retry.__proto__: unknown option',
      '__proto__: unknown option',
    ]);
  });

  test.each([null, 5, 'x', []])('%j is no set of options', over => {
    expect(issuesOf(() => mergeOptions({}, over as never))).toEqual([
      expect.stringMatching(/^expected an object of options, got /),
    ]);
  });
});

describe('durations of an earlier set give way to those of a later one', () => {
  const shared = { timeout: { attemptMs: 10_000, connectMs: 4_000 }, circuitBreaker: { windowMs: 30_000 } };

  test('a smaller total shortens the attempt', () => {
    expect(mergeOptions(shared, { timeout: { totalMs: 3_000 } }).timeout).toEqual({
      totalMs: 3_000,
      attemptMs: 3_000,
      connectMs: 3_000,
    });
  });

  test('a longer attempt lengthens the window', () => {
    expect(mergeOptions(shared, { timeout: { attemptMs: 20_000 } }).circuitBreaker).toEqual({
      windowMs: 40_000,
    });
  });

  test('a rule by way of an option that neither set holds counts too', () => {
    expect(mergeOptions({ timeout: { connectMs: 5_000 } }, { timeout: { totalMs: 3_000 } }).timeout).toEqual({
      connectMs: 3_000,
      totalMs: 3_000,
    });
  });

  test('with no limit on the attempt, connect time has nothing to agree with', () => {
    const unlimited = { timeout: { connectMs: 5_000, attemptMs: false as const } };
    expect(mergeOptions(unlimited, { timeout: { totalMs: 3_000 } }).timeout).toEqual({
      ...unlimited.timeout,
      totalMs: 3_000,
    });
  });

  test('what agrees stays, and what was left out stays left out', () => {
    expect(mergeOptions(shared, { timeout: { totalMs: 20_000 } })).toEqual({
      ...shared,
      timeout: { ...shared.timeout, totalMs: 20_000 },
    });
  });

  test('a contradiction within one set is still refused', () => {
    const merged = mergeOptions(
      { name: 'a', timeout: { attemptMs: 9, totalMs: 8 } },
      { baseUrl: 'http://a' },
    );
    expect(issuesOf(() => resolveOptions(merged))).toEqual([
      'timeout.attemptMs: must not exceed timeout.totalMs (8), got 9',
    ]);
  });

  test('an invalid value bends nothing: it is the only one refused', () => {
    for (const totalMs of [0, -5, Number.NaN]) {
      const merged = mergeOptions({ name: 'a', baseUrl: 'http://a', ...shared }, { timeout: { totalMs } });
      expect(issuesOf(() => resolveOptions(merged))).toEqual([expect.stringMatching(/^timeout\.totalMs: /)]);
    }
  });
});
