import { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { TlsAgent } from './tls-agent.ts';
import type { TlsSource } from './tls-connections.ts';

export interface PoolSettings {
  readonly maxSockets: number;
  readonly idleTimeoutMs: number;
}

/** What a body that nobody takes may hold before its socket is read no more; Node's default would let a second chunk of 64 KiB in. */
const UNREAD_BYTES = 16 * 1024;

/** What got takes as its `agent`. */
export interface AgentPair {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * The keep-alive pools of one client. An agent keeps its sockets apart by origin, so that one serves all endpoints;
 * a name of its own for TLS needs an agent of its own.
 *
 * Node's agents follow the proxy variables of the environment only when they are made with `proxyEnv`: ours never are.
 */
export class Agents {
  readonly #pool: PoolSettings;
  readonly #tls: TlsSource;
  readonly #named = new Map<string, AgentPair>();
  #shared: AgentPair | undefined;

  constructor(pool: PoolSettings, tls: TlsSource) {
    this.#pool = pool;
    this.#tls = tls;
  }

  /** For requests whose TLS name is the URL's host. */
  get shared(): AgentPair {
    this.#shared ??= {
      http: new HttpAgent(this.#keepAlive()),
      https: this.#tlsAgent(undefined),
    };
    return this.#shared;
  }

  /** For requests whose TLS name is another. */
  named(serverName: string): AgentPair {
    let pair = this.#named.get(serverName);
    if (pair === undefined) {
      pair = { http: this.shared.http, https: this.#tlsAgent(serverName) };
      this.#named.set(serverName, pair);
    }
    return pair;
  }

  /** For one request on a connection of its own, closed after it. */
  fresh(serverName: string | undefined): AgentPair {
    const agent = { keepAlive: false, readableHighWaterMark: UNREAD_BYTES };
    return {
      http: new HttpAgent(agent),
      https: new TlsAgent({ agent, tls: this.#tls, serverName }),
    };
  }

  /** Closes idle connections now, and those in use when their request is over. */
  close(): void {
    for (const pair of [this.#shared, ...this.#named.values()]) {
      if (pair === undefined) continue;
      keepNone(pair.http);
      keepNone(pair.https);
    }
  }

  #tlsAgent(serverName: string | undefined): TlsAgent {
    return new TlsAgent({ agent: this.#keepAlive(), tls: this.#tls, serverName });
  }

  /** `timeout` drops idle sockets only, it never fails a request. The one used last is likeliest to be alive, and the rest can time out. */
  #keepAlive() {
    const { maxSockets, idleTimeoutMs } = this.#pool;
    return {
      keepAlive: true,
      maxSockets,
      maxFreeSockets: maxSockets,
      scheduling: 'lifo',
      timeout: idleTimeoutMs,
      readableHighWaterMark: UNREAD_BYTES,
    } as const;
  }
}

function keepNone(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of [...(sockets ?? [])]) socket.destroy();
  }
}
