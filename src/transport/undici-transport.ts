import type { Dispatcher } from 'undici';
import { DispatcherCarrier } from './dispatcher-carrier.ts';
import { markOwn } from './own-transports.ts';
import type { Reply, Transport, TransportFactory, TransportRequest, TransportSettings } from './transport.ts';
import { type ExchangeCarrier, UndiciExchange } from './undici-exchange.ts';
import { UndiciPools } from './undici-pools.ts';

export interface UndiciTransportOptions {
  /**
   * Sends everything through this dispatcher, such as undici's `MockAgent` in a test. Its connections, TLS and connect limit are then
   * its own, and `client.close()` leaves it open.
   * @defaultValue pools of the client's own
   */
  dispatcher?: Dispatcher | undefined;
}

/**
 * Puts a client's requests on the wire with undici instead of got, at a fraction of the cost. All else stays as it is: limits, retries,
 * errors, events. One of these may be given to many clients; each has connections of its own.
 *
 * @example
 * const users = new ServiceClient({ name: 'users', baseUrl: 'http://localhost:3001', transport: undiciTransport() });
 */
export function undiciTransport({ dispatcher }: UndiciTransportOptions = {}): TransportFactory {
  return {
    open(settings) {
      if (dispatcher !== undefined) {
        return markOwn(new UndiciTransport(settings, new DispatcherCarrier(dispatcher)));
      }
      const pools = new UndiciPools(settings);
      return markOwn(new UndiciTransport(settings, pools, pools));
    },
  };
}

class UndiciTransport implements Transport {
  readonly #settings: TransportSettings;
  readonly #carrier: ExchangeCarrier;
  readonly #pools: UndiciPools | undefined;

  constructor(settings: TransportSettings, carrier: ExchangeCarrier, pools?: UndiciPools) {
    this.#settings = settings;
    this.#carrier = carrier;
    this.#pools = pools;
  }

  send(request: TransportRequest): Promise<Reply> {
    return new Promise((resolve, reject) => {
      new UndiciExchange(request, this.#settings.clock, this.#carrier, resolve, reject).start();
    });
  }

  close(): void {
    this.#pools?.close();
  }
}
