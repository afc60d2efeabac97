import { ConfigurationError } from '../errors/configuration-error.ts';
import type { EndpointDiscovery } from './endpoint-discovery.ts';

/** What to ask the name servers for. */
export interface DnsDiscoveryOptions {
  /** Name to look up; it goes out as `Host` and is what TLS verifies. */
  hostname: string;
  /** Port of every address found; an SRV record brings its own. */
  port?: number | undefined;
  /** Kind of record. */
  type: 'A' | 'AAAA' | 'SRV';
  /** Milliseconds between two look-ups. */
  intervalMs: number;
  /** Name servers to ask. @defaultValue `dns.getServers()` at each look-up */
  servers?: readonly string[] | undefined;
  /** @defaultValue 'http' */
  protocol?: 'http' | 'https' | undefined;
  /** Base path of every endpoint. @defaultValue none */
  path?: string | undefined;
}

/**
 * Finds endpoints in DNS. Not available yet.
 * @throws {@link ConfigurationError} always.
 */
export function dnsDiscovery(_options: DnsDiscoveryOptions): EndpointDiscovery {
  throw new ConfigurationError({ issues: [{ path: 'dnsDiscovery', message: 'not available yet' }] });
}
