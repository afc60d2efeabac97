import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { isHandshaking, TlsConnections, type TlsSource, watchHandshake } from './tls-connections.ts';

/** Finds out about a peer that is gone without a word, on connections with a long silence. */
const PROBE_AFTER_MS = 60_000;

/** Makes the sockets of one pool. */
export class Dialer {
  readonly #tls: TlsConnections;
  #session: Buffer | undefined;

  constructor(source: TlsSource, serverName: string | undefined) {
    this.#tls = new TlsConnections(source, serverName);
  }

  /** @throws {@link TlsOptionsError} */
  dial(host: string, port: string, secure: boolean): Socket {
    const socket = secure
      ? this.#dialTls(host, Number(port || 443))
      : net.connect({ host, port: Number(port || 80) });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    return socket;
  }

  #dialTls(host: string, port: number): Socket {
    const session = this.#session;
    const socket = tls.connect({
      host,
      port,
      ALPNProtocols: ['http/1.1'],
      ...(session && { session }),
      ...this.#tls.optionsFor(host),
    });
    watchHandshake(socket);
    if (this.#tls.mayResume) {
      socket.on('session', fresh => {
        this.#session = fresh;
      });
      socket.once('error', () => {
        if (isHandshaking(socket)) this.#session = undefined;
      });
    }
    return socket;
  }
}
