import { NetworkError, type NetworkErrorInit } from '../../../src/errors/network-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { TimeoutError, type TimeoutScope } from '../../../src/errors/timeout-error.ts';
import type { ResolvedRetry } from '../../../src/options/resolved-options.ts';
import type { RetryFacts } from '../../../src/retry/retry-decision.ts';
import type { ResponseHeaders } from '../../../src/transport/transport.ts';

const service = 'users';
const endpoint = 'http://localhost:3001';

export const defaultRetry: ResolvedRetry = {
  maxAttempts: 3,
  backoff: { baseDelayMs: 100, maxDelayMs: 5000, factor: 2, jitter: 'full' },
  methods: new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']),
  statusCodes: new Set([500, 502, 503, 504]),
  maxRetryAfterMs: 10_000,
  budget: { ratio: 0.2, minRetriesPerSecond: 1, windowMs: 10_000 },
  shouldRetry: undefined,
};

export function retryWith(overrides: Partial<ResolvedRetry>): ResolvedRetry {
  return { ...defaultRetry, ...overrides };
}

/** A GET whose first attempt failed, with everything in favour of a retry. */
export function factsOf(error: unknown, overrides: Partial<RetryFacts> = {}): RetryFacts {
  return {
    error,
    retry: defaultRetry,
    resendable: true,
    replayable: true,
    attempt: 1,
    attemptsCounted: 1,
    freeReplacementUsed: false,
    authRefresh: false,
    remainingMs: 30_000,
    budget: undefined,
    nowMs: Date.UTC(2026, 0, 15, 12),
    random: () => 0.5,
    hasOtherEndpoint: true,
    obstacle: () => undefined,
    service,
    method: 'GET',
    route: '/users/{id}',
    ...overrides,
  };
}

export function answered(status: number, headers: ResponseHeaders = {}): StatusError {
  return new StatusError({ service, endpoint, status, headers, data: undefined, method: 'GET' });
}

export function broken(init: Omit<NetworkErrorInit, 'service'>): NetworkError {
  return new NetworkError({ service, endpoint, ...init });
}

export function timedOut(scope: TimeoutScope): TimeoutError {
  return new TimeoutError({ service, endpoint, scope, timeoutMs: 1000 });
}

export const reset = broken({ phase: 'response', systemCode: 'ECONNRESET' });
export const refusedConnection = broken({ phase: 'connect', systemCode: 'ECONNREFUSED', neverSent: true });
export const staleConnection = broken({ phase: 'response', systemCode: 'ECONNRESET', staleConnection: true });
