import { systemClock } from '../time/clock.ts';

/** What a client starts from: each default once. */
export const DEFAULTS = {
  headers: {},
  timeout: { totalMs: 30_000, attemptMs: 8_000, connectMs: 2_000, idleMs: 30_000 },
  retry: {
    maxAttempts: 3,
    backoff: { baseDelayMs: 100, maxDelayMs: 5_000, factor: 2, jitter: 'full' },
    methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
    statusCodes: [500, 502, 503, 504],
    maxRetryAfterMs: 10_000,
    budget: { ratio: 0.2, minRetriesPerSecond: 1, windowMs: 10_000 },
  },
  circuitBreaker: {
    failureRatio: 0.5,
    minThroughput: 20,
    windowMs: 30_000,
    openMs: 5_000,
    maxOpenMs: 60_000,
  },
  bulkhead: { maxConcurrent: 1_000, maxQueued: 0 },
  loadBalancing: { strategy: 'peak-ewma' },
  probe: false,
  hedge: false,
  limits: { maxResponseBytes: 10 * 1024 * 1024, maxErrorBodyBytes: 64 * 1024 },
  redirect: 'manual',
  pool: { maxSockets: 1_000, idleTimeoutMs: 4_000 },
  propagate: { deadline: false, context: true },
  interceptors: { call: [], attempt: [] },
  clock: systemClock,
  random: () => Math.random(),
} as const;

/** What probing starts from once it is switched on. */
export const PROBE_DEFAULTS = {
  path: '/health',
  intervalMs: 10_000,
  timeoutMs: 2_000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  failFast: true,
} as const;

export const ENDPOINT_DEFAULTS = { weight: 1 } as const;

/** What `optionsFromEnv` starts from where it differs: a service called from the environment's settings may be a slow one. */
export const ENVIRONMENT_DEFAULTS = {
  timeout: { attemptMs: 30_000, connectMs: 2_000 },
  retry: { maxAttempts: 3, backoff: { baseDelayMs: 1_000 } },
} as const;
