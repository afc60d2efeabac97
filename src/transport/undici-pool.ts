import { Dialer } from './dialer.ts';
import type { TransportSettings } from './transport.ts';
import { UndiciConnection } from './undici-connection.ts';
import type { UndiciExchange } from './undici-exchange.ts';

export interface UndiciPoolSettings {
  readonly origin: string;
  /** Name for TLS, where it is not the origin's host. */
  readonly serverName: string | undefined;
  readonly transport: TransportSettings;
  /** Its last connection is gone. */
  readonly onEmpty: () => void;
}

/**
 * The connections to one endpoint, up to a limit; requests beyond it wait in order. Each is a client of undici's with one request at a
 * time: undici's own pool would hide which request a socket is being made for, and could not take back one that waits.
 */
export class UndiciPool {
  readonly #settings: UndiciPoolSettings;
  readonly #dialer: Dialer;
  /** The one used last is at the end, and the next to be used: it is likeliest to be alive, and the rest can time out. */
  readonly #idle: UndiciConnection[] = [];
  readonly #waiting: UndiciExchange[] = [];
  #open = 0;
  #closed = false;

  constructor(settings: UndiciPoolSettings) {
    this.#settings = settings;
    this.#dialer = new Dialer(settings.transport.tls, settings.serverName);
  }

  carry(exchange: UndiciExchange): void {
    if (exchange.request.freshConnection) {
      this.#connect(true).carry(exchange);
      return;
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) idle.carry(exchange);
    else if (this.#open < this.#settings.transport.pool.maxSockets) this.#connect(false).carry(exchange);
    else this.#waiting.push(exchange);
  }

  /** Takes back a request that nobody wants any more. */
  withdraw(exchange: UndiciExchange): void {
    const index = this.#waiting.indexOf(exchange);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** Closes what is idle now, and what is in use after its request. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) connection.drop();
  }

  #connect(oneOff: boolean): UndiciConnection {
    const { origin, transport } = this.#settings;
    if (!oneOff) this.#open++;
    return new UndiciConnection({
      origin,
      dialer: this.#dialer,
      clock: transport.clock,
      idleTimeoutMs: transport.pool.idleTimeoutMs,
      onFree: connection => (oneOff ? connection.drop() : this.#onFree(connection)),
      onIdleClosed: connection => this.#onIdleClosed(connection),
      onDropped: () => oneOff || this.#onDropped(),
    });
  }

  #onFree(connection: UndiciConnection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) connection.carry(next);
    else if (this.#closed) connection.drop();
    else this.#idle.push(connection);
  }

  #onIdleClosed(connection: UndiciConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index < 0) return;
    this.#idle.splice(index, 1);
    connection.drop();
  }

  #onDropped(): void {
    this.#open--;
    // Later, or a thousand waiting requests that fail at once would be a thousand calls deep.
    if (this.#waiting.length > 0) queueMicrotask(() => this.#serveNext());
    else if (this.#open === 0) this.#settings.onEmpty();
  }

  #serveNext(): void {
    if (this.#open >= this.#settings.transport.pool.maxSockets) return;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#connect(false).carry(next);
  }
}
