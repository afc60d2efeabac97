import type { Clock } from '../../../src/time/clock.ts';
import type { Reply, Transport, TransportRequest } from '../../../src/transport/transport.ts';
import type { Answer } from './answer.ts';
import { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import type { Server } from './server.ts';

/** Hears of everything on one client's wire. */
export interface WireWatcher {
  sent(request: TransportRequest): void;
  reached(request: TransportRequest): void;
  answered(request: TransportRequest, answer: Answer): void;
  over(request: TransportRequest): void;
}

/** A client's way to the servers, over a network without sockets. */
export class SimulatedTransport implements Transport {
  closes = 0;
  readonly #servers: ReadonlyMap<string, Server>;
  readonly #connections = new Map<Server, Connections>();
  readonly #clock: Clock;
  readonly #network: Clock;
  readonly #watcher: WireWatcher;

  constructor(servers: readonly Server[], clock: Clock, network: Clock, watcher: WireWatcher) {
    this.#servers = new Map(servers.map(server => [server.url, server]));
    this.#clock = clock;
    this.#network = network;
    this.#watcher = watcher;
    for (const server of servers) {
      const connections = new Connections();
      this.#connections.set(server, connections);
      server.onIdleClosed.push(() => connections.closeIdle());
    }
  }

  send(request: TransportRequest): Promise<Reply> {
    const server = this.#servers.get(request.endpoint);
    const connections = server && this.#connections.get(server);
    if (connections === undefined) throw new Error(`sent to ${request.endpoint}, which is no server`);
    const watcher = this.#watcher;
    watcher.sent(request);
    let told = false;
    return new Promise((resolve, reject) => {
      new Exchange({
        request,
        server: server!,
        connection: connections.take(request.freshConnection),
        clock: this.#clock,
        network: this.#network,
        resolve,
        reject,
        onReached: () => watcher.reached(request),
        onAnswer: answer => watcher.answered(request, answer),
        onOver: reusable => {
          if (reusable) connections.give();
          if (!told) watcher.over(request);
          told = true;
        },
      }).start();
    });
  }

  /** The calm has come. */
  forgetStale(): void {
    for (const connections of this.#connections.values()) connections.forgetStale();
  }

  close(): void {
    this.closes++;
  }
}
