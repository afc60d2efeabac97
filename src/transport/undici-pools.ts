import type { TransportSettings } from './transport.ts';
import type { ExchangeCarrier, UndiciExchange } from './undici-exchange.ts';
import { UndiciPool } from './undici-pool.ts';

/** The pools of one client: one for each origin and TLS name, as long as it has connections. */
export class UndiciPools implements ExchangeCarrier {
  readonly #settings: TransportSettings;
  readonly #pools = new Map<string, UndiciPool>();
  #closed = false;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  carry(exchange: UndiciExchange): void {
    const { origin } = exchange;
    const { serverName } = exchange.request;
    const key = serverName === undefined ? origin : `${origin} ${serverName}`;
    const pool = this.#pools.get(key) ?? this.#add(key, origin, serverName);
    pool.carry(exchange);
  }

  withdraw(exchange: UndiciExchange): void {
    for (const pool of this.#pools.values()) pool.withdraw(exchange);
  }

  close(): void {
    this.#closed = true;
    for (const pool of [...this.#pools.values()]) pool.close();
  }

  #add(key: string, origin: string, serverName: string | undefined): UndiciPool {
    const onEmpty = () => this.#pools.delete(key);
    const pool = new UndiciPool({ origin, serverName, transport: this.#settings, onEmpty });
    if (this.#closed) pool.close();
    this.#pools.set(key, pool);
    return pool;
  }
}
