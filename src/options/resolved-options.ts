import type { EndpointDiscovery } from '../discovery/endpoint-discovery.ts';
import type { EndpointPicker } from '../endpoints/endpoint-picker.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { Transport, TransportFactory } from '../transport/transport.ts';
import type { Auth, Interceptors, RetryContext, TlsOptions } from './client-options.ts';
import type { VersionOptions } from './version-options.ts';

/** A limit in milliseconds, or `false` for none. */
export type Limit = number | false;

export interface ResolvedTimeout {
  readonly totalMs: Limit;
  readonly attemptMs: Limit;
  readonly connectMs: Limit;
  readonly idleMs: Limit;
}

export interface ResolvedBackoff {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly factor: number;
  readonly jitter: 'full' | 'equal' | 'none';
}

export interface ResolvedBudget {
  readonly ratio: number;
  readonly minRetriesPerSecond: number;
  readonly windowMs: number;
}

export interface ResolvedRetry {
  readonly maxAttempts: number;
  readonly backoff: ResolvedBackoff;
  /** Upper case. */
  readonly methods: ReadonlySet<string>;
  readonly statusCodes: ReadonlySet<number>;
  readonly maxRetryAfterMs: number;
  readonly budget: ResolvedBudget | false;
  readonly shouldRetry: ((context: RetryContext) => boolean | undefined) | undefined;
}

export interface ResolvedCircuitBreaker {
  readonly failureRatio: number;
  readonly minThroughput: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
}

export interface ResolvedProbe {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly failFast: boolean;
}

export interface ResolvedLimits {
  readonly maxResponseBytes: Limit;
  readonly maxErrorBodyBytes: number;
}

/** One endpoint as configured: `url` is origin plus base path, without trailing slash. */
export interface ResolvedEndpoint {
  readonly url: string;
  readonly weight: number;
  readonly serverName: string | undefined;
  readonly hostHeader: string | undefined;
}

/** What a call may set for itself: the client's, with the call's own merged over them. */
export interface CallSettings {
  readonly timeout: ResolvedTimeout;
  readonly retry: ResolvedRetry | false;
  readonly limits: ResolvedLimits;
  readonly redirect: 'manual' | 'same-origin';
}

/** A client's options with every default filled in, checked and frozen. */
export interface ResolvedOptions extends CallSettings {
  readonly name: string;
  /** Fixed endpoints; `undefined` when `discovery` finds them. */
  readonly endpoints: readonly ResolvedEndpoint[] | undefined;
  readonly discovery: EndpointDiscovery | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly circuitBreaker: ResolvedCircuitBreaker | false;
  readonly bulkhead: { readonly maxConcurrent: number; readonly maxQueued: number } | false;
  readonly loadBalancing: {
    readonly strategy: 'peak-ewma' | 'round-robin' | 'random' | 'least-request' | EndpointPicker;
  };
  readonly probe: ResolvedProbe | false;
  readonly pool: { readonly maxSockets: number; readonly idleTimeoutMs: number };
  readonly tls: TlsOptions | (() => TlsOptions) | undefined;
  readonly auth: Auth | undefined;
  readonly version: VersionOptions | undefined;
  /** `undefined`: the client makes one up. */
  readonly via: string | false | undefined;
  readonly propagate: { readonly deadline: boolean; readonly context: boolean };
  readonly interceptors: Interceptors;
  readonly logger: Logger | undefined;
  readonly transport: Transport | TransportFactory | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}
