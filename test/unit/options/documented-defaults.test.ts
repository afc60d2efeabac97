import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTS, ENDPOINT_DEFAULTS, PROBE_DEFAULTS } from '../../../src/options/defaults.ts';
import { documentedDefaults, parseDocumentedDefault } from '../../support/documented-defaults.ts';

/** Which defaults each interface documents. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ClientSettings: {
    headers: DEFAULTS.headers,
    probe: DEFAULTS.probe,
    hedge: DEFAULTS.hedge,
    redirect: DEFAULTS.redirect,
  },
  TimeoutOptions: DEFAULTS.timeout,
  RetryOptions: {
    maxAttempts: DEFAULTS.retry.maxAttempts,
    methods: DEFAULTS.retry.methods,
    statusCodes: DEFAULTS.retry.statusCodes,
    maxRetryAfterMs: DEFAULTS.retry.maxRetryAfterMs,
  },
  BackoffOptions: DEFAULTS.retry.backoff,
  RetryBudgetOptions: DEFAULTS.retry.budget,
  CircuitBreakerOptions: DEFAULTS.circuitBreaker,
  BulkheadOptions: DEFAULTS.bulkhead,
  LoadBalancingOptions: DEFAULTS.loadBalancing,
  ProbeOptions: PROBE_DEFAULTS,
  LimitsOptions: DEFAULTS.limits,
  PoolOptions: DEFAULTS.pool,
  PropagateOptions: DEFAULTS.propagate,
  InterceptorOptions: DEFAULTS.interceptors,
  EndpointInit: ENDPOINT_DEFAULTS,
};

function sources(): URL[] {
  const folder = new URL('../../../src/options/', import.meta.url);
  const options = readdirSync(folder).map(file => new URL(file, folder));
  return [...options, new URL('../../../src/discovery/endpoint-discovery.ts', import.meta.url)];
}

function documented(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const source of sources()) {
    for (const [option, written] of documentedDefaults(readFileSync(source, 'utf8'))) {
      const value = parseDocumentedDefault(written);
      if (value !== undefined) found.set(option, value);
    }
  }
  return found;
}

test('every default is documented at its option with its exact value, and nothing else is', () => {
  const expected = Object.entries(GROUPS).flatMap(([group, defaults]) =>
    Object.entries(defaults).map(([key, value]) => [`${group}.${key}`, value] as const),
  );
  expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(expected));
});

test('a documented default is read in the spellings of source and prose', () => {
  expect(parseDocumentedDefault("'full'")).toBe('full');
  expect(parseDocumentedDefault('30 000')).toBe(30_000);
  expect(parseDocumentedDefault('`{ ratio: 0.2, windowMs: 10000 }`')).toEqual({
    ratio: 0.2,
    windowMs: 10_000,
  });
  expect(parseDocumentedDefault("the system's")).toBeUndefined();
});
