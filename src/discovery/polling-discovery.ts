import { ConfigurationError } from '../errors/configuration-error.ts';
import type { EndpointDiscovery, EndpointInit } from './endpoint-discovery.ts';

/** Whom to ask, and how often. */
export interface PollingDiscoveryOptions {
  /** Milliseconds between two questions. */
  intervalMs: number;
  /** Answers with the endpoints there are now. */
  resolve: (signal: AbortSignal) => readonly EndpointInit[] | Promise<readonly EndpointInit[]>;
}

/**
 * Asks a function for the endpoints again and again. Not available yet.
 * @throws {@link ConfigurationError} always.
 */
export function pollingDiscovery(_options: PollingDiscoveryOptions): EndpointDiscovery {
  throw new ConfigurationError({ issues: [{ path: 'pollingDiscovery', message: 'not available yet' }] });
}
