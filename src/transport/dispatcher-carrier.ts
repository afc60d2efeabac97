import type { Dispatcher } from 'undici';
import type { ExchangeCarrier, UndiciExchange } from './undici-exchange.ts';

/** Hands exchanges to a dispatcher that is not ours: what becomes of them on the way, it alone knows. */
export class DispatcherCarrier implements ExchangeCarrier {
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  carry(exchange: UndiciExchange): void {
    this.#dispatcher.dispatch(exchange.options, exchange);
  }

  /** It is aborted when it starts. */
  withdraw(): void {}
}
