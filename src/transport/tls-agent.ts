import { type AgentOptions, Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type SecureContext,
} from 'node:tls';
import type { PemInput, TlsOptions } from '../options/client-options.ts';

/** Options for every connection, or a function that is asked for each new one. */
export type TlsSource = TlsOptions | (() => TlsOptions) | undefined;

export interface TlsAgentSettings {
  readonly agent: AgentOptions;
  readonly tls: TlsSource;
  /** Name for SNI and verification; else the one of the TLS options, else the URL's host. */
  readonly serverName: string | undefined;
}

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

/** An agent that asks for its TLS options at each new connection, so that certificates can rotate. */
export class TlsAgent extends HttpsAgent {
  readonly #source: TlsSource;
  readonly #serverName: string | undefined;
  #fixedContext: SecureContext | undefined;

  constructor({ agent, tls, serverName }: TlsAgentSettings) {
    // A resumed session would bring back the certificates that it was made with.
    super(typeof tls === 'function' ? { ...agent, maxCachedSessions: 0 } : agent);
    this.#source = tls;
    this.#serverName = serverName;
  }

  /** Node's own name holds every TLS option; here they are the agent's, the same for all. */
  override getName(options: RequestOptions = {}): string {
    return `${options.host}:${options.port}`;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    // Thrown, this would be uncaught when the agent connects for a request that waited.
    const fail = callback as ((error: Error) => void) | undefined;
    let own: ConnectionOptions;
    try {
      own = this.#connectionOptions(options.host ?? 'localhost');
    } catch (error) {
      fail?.(error instanceof TlsOptionsError ? error : new TlsOptionsError(error, false));
      return undefined;
    }
    const socket = super.createConnection(
      { ...options, ...own, timeout: undefined } as RequestOptions,
      callback,
    );
    if (socket) {
      handshaking.add(socket);
      socket.once('secureConnect', () => handshaking.delete(socket));
    }
    return socket;
  }

  #connectionOptions(host: string): ConnectionOptions {
    const tls = this.#ask();
    const name = this.#serverName ?? tls?.serverName ?? host;
    return {
      ...(tls !== undefined && { secureContext: this.#context(tls) }),
      // SNI holds names only (RFC 6066, section 3); an address is verified all the same.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    };
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
