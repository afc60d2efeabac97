import type { Logger } from '../telemetry/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { Transport, TransportFactory } from '../transport/transport.ts';
import type { CircuitBreakerOptions } from './circuit-breaker-options.ts';
import type { Auth, PoolOptions, TlsOptions } from './connection-options.ts';
import type {
  AddressOptions,
  HedgeOptions,
  LoadBalancingOptions,
  NoAddress,
  ProbeOptions,
} from './endpoint-options.ts';
import type { InterceptorOptions } from './interceptors.ts';
import type { BulkheadOptions, LimitsOptions } from './limits-options.ts';
import type { RetryOptions } from './retry-options.ts';
import type { TimeoutOptions } from './timeout-options.ts';
import type { VersionOptions } from './version-options.ts';

export type { CircuitBreakerOptions } from './circuit-breaker-options.ts';
export type { Auth, AuthRequest, PemInput, PoolOptions, TlsOptions } from './connection-options.ts';
export type {
  AddressOptions,
  HedgeOptions,
  LoadBalancingOptions,
  NoAddress,
  ProbeOptions,
} from './endpoint-options.ts';
export type {
  AttemptInterceptor,
  AttemptRequest,
  CallInterceptor,
  CallRequest,
  InterceptedReply,
  InterceptorOptions,
  Interceptors,
} from './interceptors.ts';
export type { BulkheadOptions, LimitsOptions } from './limits-options.ts';
export type {
  BackoffOptions,
  CallRetryOptions,
  RetryBudgetOptions,
  RetryContext,
  RetryOptions,
} from './retry-options.ts';
export type { TimeoutOptions } from './timeout-options.ts';
export type { VersionOptions } from './version-options.ts';

/** Chooses what goes out with every call beside its own headers. */
export interface PropagateOptions {
  /**
   * Sends the time that is left as `x-envoy-expected-rq-timeout-ms`, so that the service can give up in time.
   * @defaultValue false
   */
  deadline?: boolean | undefined;
  /**
   * Sends `x-request-id`, `x-job-id`, `traceparent` and `tracestate` of the context.
   * @defaultValue true
   */
  context?: boolean | undefined;
}

/**
 * Everything a client can be told, its address apart. An explicit `undefined` counts as absent.
 * Where an option takes `false`, that switches the feature off; `true` switches it on with its defaults.
 */
export interface ClientSettings {
  /** Labels every error, log line, event and metric. Must match `/^[A-Za-z][\w.-]{0,63}$/`. */
  name: string;
  /**
   * Sent with every call; a call's own win. Framing headers (`host`, `connection`, `content-length`, …) are refused.
   * @defaultValue {}
   */
  headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  /** Limits how long calls, attempts and silences may take. */
  timeout?: TimeoutOptions | undefined;
  /** Resends what failed for a passing reason; on by default, `false` sends every call once. */
  retry?: RetryOptions | boolean | undefined;
  /** Stops sending to an endpoint that keeps failing; on by default. */
  circuitBreaker?: CircuitBreakerOptions | boolean | undefined;
  /** Bounds the calls in flight; on by default. */
  bulkhead?: BulkheadOptions | boolean | undefined;
  /** Chooses among several endpoints. */
  loadBalancing?: LoadBalancingOptions | undefined;
  /**
   * Checks the endpoints' health in the background; `true` or `{}` switches it on with its defaults.
   * @defaultValue false
   */
  probe?: ProbeOptions | boolean | undefined;
  /**
   * Sends a slow call twice. Not available yet: anything but `false` is refused.
   * @defaultValue false
   */
  hedge?: HedgeOptions | false | undefined;
  /** Bounds the memory a response may take. */
  limits?: LimitsOptions | undefined;
  /**
   * Hands a 3xx back, or follows up to 5 of them within the endpoint's origin.
   * @defaultValue 'manual'
   */
  redirect?: 'manual' | 'same-origin' | undefined;
  /**
   * Asks for one version of the service's protocol: by a header of every call and probe, or by a prefix of every call's path.
   * @defaultValue none
   */
  version?: VersionOptions | undefined;
  /** Sizes the keep-alive pool of each endpoint. */
  pool?: PoolOptions | undefined;
  /**
   * Sets the certificates of TLS connections. A function is asked for each new connection, so that certificates can rotate.
   * @defaultValue none
   */
  tls?: TlsOptions | (() => TlsOptions) | undefined;
  /**
   * Sets `Authorization` on each attempt, and renews it once after a 401.
   * @defaultValue none
   */
  auth?: Auth | undefined;
  /**
   * The pseudonym in the `Via` header of passed-through requests, an HTTP token; `false` sends none and gives up the loop guard.
   * @defaultValue a name unique to the client
   */
  via?: string | false | undefined;
  /** Chooses which parts of the context go out with every call. */
  propagate?: PropagateOptions | undefined;
  /** Puts your own functions around calls and attempts. */
  interceptors?: InterceptorOptions | undefined;
  /**
   * Gets every attempt, retry, probe and circuit change. Anything with pino's `(fields, message)` signature.
   * @defaultValue none
   */
  logger?: Logger | undefined;
  /**
   * Puts requests on the wire: `undiciTransport()` of `holdfast/undici`, or one of your own. A ready `Transport` keeps its own pool and
   * TLS settings and is closed with the client; a factory is given the client's.
   * @defaultValue the transport on got
   */
  transport?: Transport | TransportFactory | undefined;
  /**
   * Where all time comes from.
   * @defaultValue the system's
   */
  clock?: Clock | undefined;
  /**
   * Where all draws come from: a number from 0 up to, not including, 1.
   * @defaultValue the system's
   */
  random?: (() => number) | undefined;
}

/** The options of a client: its name, exactly one address, and whatever differs from the defaults. */
export type ServiceClientOptions = ClientSettings & AddressOptions;

/** Options to merge over others: any of them, and at most one address. */
export type ServiceClientOverrides = Partial<ClientSettings> & (AddressOptions | NoAddress);
