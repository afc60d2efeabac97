import type { EndpointDiscovery, EndpointInit } from '../discovery/endpoint-discovery.ts';
import type { EndpointPicker } from '../endpoints/endpoint-picker.ts';

/** Says where the service is: exactly one of `baseUrl`, `endpoints` and `discovery`. */
export type AddressOptions =
  | {
      /** Origin plus base path of the one endpoint, http or https, without credentials, query or fragment. */
      baseUrl: string;
      endpoints?: undefined;
      discovery?: undefined;
    }
  | {
      /** The endpoints to spread calls over, at least one; no two of the same URL. */
      endpoints: readonly EndpointInit[];
      baseUrl?: undefined;
      discovery?: undefined;
    }
  | {
      /** Finds the endpoints and follows their changes. Until its first answer calls wait, within their deadline. */
      discovery: EndpointDiscovery;
      baseUrl?: undefined;
      endpoints?: undefined;
    };

/** An address that is still to come from elsewhere. */
export interface NoAddress {
  baseUrl?: undefined;
  endpoints?: undefined;
  discovery?: undefined;
}

/** Chooses among the endpoints that are available. */
export interface LoadBalancingOptions {
  /**
   * How an attempt's endpoint is chosen. `peak-ewma` takes the better of two random ones by latency and load, `least-request`
   * by load alone; `round-robin` and `random` go by weight; an `EndpointPicker` is your own rule.
   * @defaultValue 'peak-ewma'
   */
  strategy?: 'peak-ewma' | 'round-robin' | 'random' | 'least-request' | EndpointPicker | undefined;
}

/** Asks every endpoint for its health at an interval, and sends no calls to one that fails. */
export interface ProbeOptions {
  /**
   * Path asked for by GET, relative to the endpoint's base path; it passes on 2xx.
   * @defaultValue '/health'
   */
  path?: string | undefined;
  /**
   * Time between two probes of an endpoint, in milliseconds, above 0 and up to 2147483647.
   * @defaultValue 10000
   */
  intervalMs?: number | undefined;
  /**
   * Fails a probe that takes longer, in milliseconds, above 0 and up to 2147483647.
   * @defaultValue 2000
   */
  timeoutMs?: number | undefined;
  /**
   * Passes in a row that bring an endpoint back. A whole number, at least 1.
   * @defaultValue 2
   */
  healthyThreshold?: number | undefined;
  /**
   * Failures in a row that take an endpoint out. A whole number, at least 1.
   * @defaultValue 3
   */
  unhealthyThreshold?: number | undefined;
  /**
   * Fails a call at once with `UnhealthyError` when no endpoint is healthy; `false` sends it anyway.
   * @defaultValue true
   */
  failFast?: boolean | undefined;
}

/** Sends a slow idempotent call a second time and takes the first answer. Not available yet. */
export interface HedgeOptions {
  /** Waits this long before the second send: milliseconds, or a percentile of the latencies seen. */
  delayMs: number | 'p50' | 'p95' | 'p99';
  /** Further sends per attempt. */
  maxHedges?: number | undefined;
}
