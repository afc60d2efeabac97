import type { Socket } from 'node:net';
import type { Limit } from '../options/resolved-options.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';
import { isHandshaking } from './tls-connections.ts';

export interface ConnectLimitSettings {
  readonly clock: Clock;
  readonly connectMs: Limit;
  readonly onExpire: (timeoutMs: number, ownStall: boolean) => void;
  readonly onConnected: () => void;
}

/** Waits for a new socket to connect, name lookup, TCP and TLS in all, and limits the time that it takes. */
export class ConnectLimit {
  readonly #socket: Socket;
  readonly #event: 'connect' | 'secureConnect';
  readonly #onConnected: () => void;
  readonly #timer: Timer | undefined;

  constructor(socket: Socket, { clock, connectMs, onExpire, onConnected }: ConnectLimitSettings) {
    this.#socket = socket;
    this.#event = isHandshaking(socket) ? 'secureConnect' : 'connect';
    const connected = () => {
      this.stop();
      onConnected();
    };
    this.#onConnected = connected;
    socket.once(this.#event, connected);
    if (connectMs !== false) {
      this.#timer = startLimit(clock, connectMs, ownStall => onExpire(connectMs, ownStall));
    }
  }

  /** The socket is connected, or nobody waits for it any more. */
  stop(): void {
    this.#timer?.clear();
    this.#socket.off(this.#event, this.#onConnected);
  }
}
