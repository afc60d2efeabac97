import { DEFAULTS } from './defaults.ts';
import { deepFreeze } from './plain-object.ts';
import type { ResolvedRetry } from './resolved-options.ts';

/** Retry options with every default filled in, still as lists. */
export interface FilledRetry extends Omit<ResolvedRetry, 'methods' | 'statusCodes' | 'shouldRetry'> {
  readonly methods: Iterable<string>;
  readonly statusCodes: Iterable<number>;
  readonly shouldRetry?: ResolvedRetry['shouldRetry'];
}

/** Brings retry options into the form that is asked on every failure. */
export function resolveRetry(retry: FilledRetry): ResolvedRetry {
  return deepFreeze({
    ...retry,
    methods: asSet(retry.methods, method => method.toUpperCase()),
    statusCodes: asSet(retry.statusCodes, status => status),
    shouldRetry: retry.shouldRetry,
  });
}

/** A set is one that has been resolved before, and is never changed: a call can share the client's. */
function asSet<T>(values: Iterable<T>, normalize: (value: T) => T): ReadonlySet<T> {
  return values instanceof Set ? values : new Set(Array.from(values, normalize));
}

/** What a call starts from that switches retries on for itself. */
export const DEFAULT_RETRY: ResolvedRetry = resolveRetry(structuredClone(DEFAULTS.retry));
