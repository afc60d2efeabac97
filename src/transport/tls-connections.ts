import type { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type SecureContext,
} from 'node:tls';
import type { PemInput, TlsOptions } from '../options/client-options.ts';

/** Options for every connection, or a function that is asked for each new one. */
export type TlsSource = TlsOptions | (() => TlsOptions) | undefined;

/** The TLS options could not be had or used: no connection was tried. */
export class TlsOptionsError extends Error {
  /** The caller's own function threw. */
  readonly fromCaller: boolean;

  constructor(cause: unknown, fromCaller: boolean) {
    super('TLS options failed', { cause });
    this.fromCaller = fromCaller;
  }
}

const handshaking = new WeakSet<object>();

/** Whether a socket's TLS session is not established yet, or never was. */
export function isHandshaking(socket: object): boolean {
  return handshaking.has(socket);
}

/** Knows of a new socket until its session is established. */
export function watchHandshake(socket: EventEmitter): void {
  handshaking.add(socket);
  socket.once('secureConnect', () => handshaking.delete(socket));
}

/** What each new connection is made with: the options are asked for every time, so that certificates can rotate. */
export class TlsConnections {
  readonly #source: TlsSource;
  readonly #serverName: string | undefined;
  #fixedContext: SecureContext | undefined;

  /** @param serverName - Name for SNI and verification; else the one of the TLS options, else the URL's host. */
  constructor(source: TlsSource, serverName: string | undefined) {
    this.#source = source;
    this.#serverName = serverName;
  }

  /** A resumed session would bring back the certificates that it was made with. */
  get mayResume(): boolean {
    return typeof this.#source !== 'function';
  }

  /** @throws {@link TlsOptionsError} */
  optionsFor(host: string): ConnectionOptions {
    try {
      const tls = this.#ask();
      const name = this.#serverName ?? tls?.serverName ?? host;
      return {
        ...(tls !== undefined && { secureContext: this.#context(tls) }),
        // SNI holds names only (RFC 6066, section 3); an address is verified all the same.
        servername: isIP(name) === 0 ? name : '',
        checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      };
    } catch (error) {
      throw error instanceof TlsOptionsError ? error : new TlsOptionsError(error, false);
    }
  }

  #ask(): TlsOptions | undefined {
    if (typeof this.#source !== 'function') return this.#source;
    try {
      return this.#source();
    } catch (error) {
      throw new TlsOptionsError(error, true);
    }
  }

  #context(tls: TlsOptions): SecureContext {
    if (typeof this.#source === 'function') return secureContext(tls);
    this.#fixedContext ??= secureContext(tls);
    return this.#fixedContext;
  }
}

function secureContext({ ca, cert, key, passphrase, minVersion }: TlsOptions): SecureContext {
  return createSecureContext({
    ...(ca !== undefined && { ca: pem(ca) }),
    ...(cert !== undefined && { cert: pem(cert) }),
    ...(key !== undefined && { key: pem(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(minVersion !== undefined && { minVersion }),
  });
}

function pem(input: PemInput | readonly PemInput[]): (string | Buffer)[] {
  const items = typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
  return items.map(item => (typeof item === 'string' ? item : Buffer.from(item)));
}
