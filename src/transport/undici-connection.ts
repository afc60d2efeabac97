import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { type buildConnector, Client } from 'undici';
import type { Clock } from '../time/clock.ts';
import { ConnectLimit } from './connect-limit.ts';
import type { Dialer } from './dialer.ts';
import { isHandshaking } from './tls-connections.ts';
import type { UndiciExchange } from './undici-exchange.ts';

/** A server that says how long it keeps a connection is believed but for this much, which the way there may take. */
const KEEP_ALIVE_MARGIN_MS = 1000;

export interface UndiciConnectionSettings {
  readonly origin: string;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  /** It can carry another request. */
  readonly onFree: (connection: UndiciConnection) => void;
  /** Its socket has closed while it carried nothing. */
  readonly onIdleClosed: (connection: UndiciConnection) => void;
  readonly onDropped: () => void;
}

/** One place in a pool: one request at a time, on one socket after another. undici makes a new one when the last has closed. */
export class UndiciConnection {
  readonly #settings: UndiciConnectionSettings;
  readonly #client: Client;
  #exchange: UndiciExchange | undefined;
  #socket: Socket | undefined;
  #limit: ConnectLimit | undefined;
  /** The socket has carried a request. */
  #used = false;
  #failure: Error | undefined;
  #dropped = false;

  constructor(settings: UndiciConnectionSettings) {
    this.#settings = settings;
    const { origin, idleTimeoutMs } = settings;
    this.#client = new Client(origin, {
      connect: (target, callback) => this.#connect(target, callback),
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: idleTimeoutMs,
      keepAliveMaxTimeout: idleTimeoutMs,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    // What its handler threw: nobody would listen, and the process would end.
    (this.#client as EventEmitter).on('error', noop);
  }

  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  get handshaking(): boolean {
    return this.#socket !== undefined && isHandshaking(this.#socket);
  }

  /** What the socket failed with first: undici knows the last only. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  carry(exchange: UndiciExchange): void {
    this.#exchange = exchange;
    exchange.onCarried(this);
    this.#client.dispatch(exchange.options, exchange);
  }

  /** The request is being written; tells whether the socket had carried one before. */
  begin(): boolean {
    const used = this.#used;
    this.#used = true;
    return used;
  }

  /** The request is over, its answer has come whole. */
  free(): void {
    this.#exchange = undefined;
    this.#settings.onFree(this);
  }

  /** Closes it, whatever it is doing. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#exchange = undefined;
    this.#limit?.stop();
    this.#client.destroy(noop);
    this.#socket?.destroy();
    this.#settings.onDropped();
  }

  #connect(target: buildConnector.Options, callback: buildConnector.Callback): void {
    const { dialer, clock } = this.#settings;
    const socket = dialer.dial(target.hostname, target.port, target.protocol === 'https:');
    let connecting = true;
    this.#socket = socket;
    this.#used = false;
    this.#failure = undefined;
    const limit = new ConnectLimit(socket, {
      clock,
      connectMs: this.#exchange?.request.connectMs ?? false,
      onExpire: (timeoutMs, ownStall) => this.#exchange?.onConnectTimeout(timeoutMs, ownStall),
      onConnected: () => {
        connecting = false;
        callback(null, socket);
      },
    });
    this.#limit = limit;
    socket.on('error', error => {
      this.#failure ??= error;
      if (!connecting) return;
      connecting = false;
      limit.stop();
      callback(error, null);
    });
    socket.once('close', () => {
      if (this.#exchange === undefined && this.#socket === socket) this.#settings.onIdleClosed(this);
    });
  }
}

function noop(): void {}
