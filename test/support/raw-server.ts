import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { RequestReader } from './request-reader.ts';
import { Watchers } from './watchers.ts';

/** One request on a raw connection. */
export interface RawExchange {
  readonly socket: Socket;
  /** Request line and header lines, as they came, without the empty line. */
  readonly head: string;
  /** 1 for the first request the server got. */
  readonly request: number;
  /** 1 for the first connection. */
  readonly connection: number;
}

/** What to do when a request's head has come: bytes to send, or a function with the socket in hand. */
export type RawAnswer = string | Uint8Array | ((exchange: RawExchange) => unknown);

/** A TCP server on 127.0.0.1 that answers whatever bytes it is told to. */
export class RawServer implements AsyncDisposable {
  /** The heads of all requests, in order. */
  readonly heads: string[] = [];
  /** Connections ever accepted. */
  connections = 0;
  readonly server: Server;
  readonly #answers: readonly RawAnswer[];
  readonly #onConnect: ((socket: Socket) => void) | undefined;
  readonly #open = new Set<Socket>();
  readonly #watchers = new Watchers();

  constructor(answers: readonly RawAnswer[], onConnect: ((socket: Socket) => void) | undefined) {
    this.#answers = answers;
    this.#onConnect = onConnect;
    this.server = createServer({ allowHalfOpen: false }, socket => this.#onConnection(socket));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests whose head has come. */
  get requests(): number {
    return this.heads.length;
  }

  /** Connections open now. */
  get sockets(): number {
    return this.#open.size;
  }

  listen(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', () => resolve(this));
    });
  }

  /** Resolves as soon as `count` requests have come. */
  received(count = 1): Promise<void> {
    return this.#watchers.until(() => this.requests >= count);
  }

  /** Resolves as soon as at most `count` connections are open. */
  drained(count = 0): Promise<void> {
    return this.#watchers.until(() => this.sockets <= count);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onConnection(socket: Socket): void {
    const connection = ++this.connections;
    const reader = new RequestReader(head => this.#answer(socket, head, connection));
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.on('data', chunk => reader.read(chunk));
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#watchers.changed();
    });
    this.#onConnect?.(socket);
  }

  #answer(socket: Socket, head: string, connection: number): void {
    this.heads.push(head);
    const answer = this.#answers[Math.min(this.heads.length, this.#answers.length) - 1];
    if (typeof answer === 'function') answer({ socket, head, request: this.heads.length, connection });
    else if (answer !== undefined) socket.write(answer);
    this.#watchers.changed();
  }
}

/**
 * Starts a raw server. The first request gets the first answer and so on; the last one is repeated.
 * `onConnect` sees each connection before any byte came: destroy it there for a reset at the handshake.
 */
export function startRawServer(
  answers: RawAnswer | readonly RawAnswer[],
  onConnect?: (socket: Socket) => void,
): Promise<RawServer> {
  return new RawServer(Array.isArray(answers) ? answers : [answers], onConnect).listen();
}

/** A well-formed answer with a Content-Length, to break or to follow a broken one. */
export function rawResponse(
  body: string,
  head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json',
): string {
  return `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
