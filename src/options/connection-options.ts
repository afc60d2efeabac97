import type { SecureVersion } from 'node:tls';

/** Sizes the keep-alive pool of each endpoint. */
export interface PoolOptions {
  /**
   * Sockets per endpoint; attempts beyond it wait for one, which is never a verdict on the endpoint. A whole number, at least 1.
   * @defaultValue 1000
   */
  maxSockets?: number | undefined;
  /**
   * Closes a socket that has been idle for this long, in milliseconds, above 0 and up to 2147483647. Keep it below the server's own
   * keep-alive time (5 s in Node).
   * @defaultValue 4000
   */
  idleTimeoutMs?: number | undefined;
}

/** PEM text or bytes. */
export type PemInput = string | Uint8Array;

/** Sets the certificates of TLS connections, as in `tls.connect`. Never printed. */
export interface TlsOptions {
  /** Authorities to trust instead of Node's. */
  ca?: PemInput | readonly PemInput[] | undefined;
  /** The client's own certificate chain, for mutual TLS. */
  cert?: PemInput | readonly PemInput[] | undefined;
  /** The private key of `cert`. */
  key?: PemInput | readonly PemInput[] | undefined;
  /** Opens an encrypted `key`. */
  passphrase?: string | undefined;
  /** Name sent in SNI and checked against the server's certificate. An endpoint's own `serverName` wins. */
  serverName?: string | undefined;
  /** Refuses older versions of TLS: `'TLSv1'`, `'TLSv1.1'`, `'TLSv1.2'` or `'TLSv1.3'`. */
  minVersion?: SecureVersion | undefined;
}

/** What an `auth` function is told. */
export interface AuthRequest {
  /** The last value was refused with a 401: do not answer from a cache. */
  readonly refresh: boolean;
  /** The endpoint it is for: origin plus base path. */
  readonly endpoint: string;
  /** Aborts when the attempt is given up. */
  readonly signal: AbortSignal;
}

/**
 * Returns the value of `Authorization` for one attempt. Asked per attempt, and once more with `refresh: true` after a 401:
 * caching a token is its own business.
 */
export type Auth = (request: AuthRequest) => string | Promise<string>;
