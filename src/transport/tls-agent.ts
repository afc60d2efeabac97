import { type AgentOptions, Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { TlsConnections, type TlsSource, watchHandshake } from './tls-connections.ts';

export interface TlsAgentSettings {
  readonly agent: AgentOptions;
  readonly tls: TlsSource;
  /** Name for SNI and verification; else the one of the TLS options, else the URL's host. */
  readonly serverName: string | undefined;
}

/** An agent that asks for its TLS options at each new connection, so that certificates can rotate. */
export class TlsAgent extends HttpsAgent {
  readonly #connections: TlsConnections;

  constructor({ agent, tls, serverName }: TlsAgentSettings) {
    const connections = new TlsConnections(tls, serverName);
    super(connections.mayResume ? agent : { ...agent, maxCachedSessions: 0 });
    this.#connections = connections;
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
      own = this.#connections.optionsFor(options.host ?? 'localhost');
    } catch (error) {
      fail?.(error as Error);
      return undefined;
    }
    const socket = super.createConnection(
      { ...options, ...own, timeout: undefined } as RequestOptions,
      callback,
    );
    if (socket) watchHandshake(socket);
    return socket;
  }
}
