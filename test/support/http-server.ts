import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { SeenRequest } from './seen-request.ts';
import { Watchers } from './watchers.ts';

/** Answers one request. One that throws is answered 500 with the error's text, and fails the test's `close()`. */
export type Handler = (req: IncomingMessage, res: ServerResponse, seen: SeenRequest) => unknown;

export interface ServerSettings {
  /** A free one unless given. */
  port?: number;
  /** Speaks https with these. */
  tls?: TlsOptions;
}

/**
 * A real server on 127.0.0.1 and what reached it.
 * It keeps idle connections for a minute, so that none ends by itself in a test; set `server.keepAliveTimeout` for another time.
 */
export class TestServer implements AsyncDisposable {
  /** The oracle: what reached the server, in order. */
  readonly requests: SeenRequest[] = [];
  readonly server: Server;
  /** Connections ever accepted. */
  connections = 0;
  /** Requests whose answer is not over. */
  inFlight = 0;
  readonly #handler: Handler;
  readonly #secure: boolean;
  readonly #open = new Map<Socket, number>();
  readonly #watchers = new Watchers();
  #handlerError: unknown;

  constructor(handler: Handler, tls: TlsOptions | undefined) {
    this.#handler = handler;
    this.#secure = tls !== undefined;
    this.server = tls === undefined ? createServer() : createSecureServer(tls);
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket: Socket) => this.#onConnection(socket));
    this.server.on('request', (req: IncomingMessage, res: ServerResponse) => this.#onRequest(req, res));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The origin, without trailing slash. */
  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Connections open now. */
  get sockets(): number {
    return this.#open.size;
  }

  listen(port: number): Promise<this> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve(this));
    });
  }

  /** Resolves as soon as `count` requests have come, with the last of them. */
  async received(count = 1): Promise<SeenRequest> {
    await this.#watchers.until(() => this.requests.length >= count);
    return this.requests[count - 1] as SeenRequest;
  }

  /** Resolves as soon as at most `count` connections are open. */
  drained(count = 0): Promise<void> {
    return this.#watchers.until(() => this.sockets <= count);
  }

  /** Resolves as soon as no request is unanswered. */
  idle(): Promise<void> {
    return this.#watchers.until(() => this.inFlight === 0);
  }

  /** Destroys every open connection and goes on listening. */
  dropConnections(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  /** Stops listening and destroys every connection; rejects with what a handler threw. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    this.dropConnections();
    await closed;
    if (this.#handlerError !== undefined) throw this.#handlerError;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onConnection(socket: Socket): void {
    this.connections++;
    this.#open.set(socket, this.connections);
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#watchers.changed();
    });
  }

  #onRequest(req: IncomingMessage, res: ServerResponse): void {
    const seen = new SeenRequest(req, res, this.#connectionOf(req.socket));
    this.inFlight++;
    res.once('close', () => {
      this.inFlight--;
      this.#watchers.changed();
    });
    this.requests.push(seen);
    this.#watchers.changed();
    void this.#answer(req, res, seen);
  }

  /** Under TLS a request's socket is another object than the connection's, with the same peer. */
  #connectionOf(socket: Socket): number {
    const known = this.#open.get(socket);
    if (known !== undefined) return known;
    for (const [open, number] of this.#open) if (open.remotePort === socket.remotePort) return number;
    return 0;
  }

  async #answer(req: IncomingMessage, res: ServerResponse, seen: SeenRequest): Promise<void> {
    try {
      await this.#handler(req, res, seen);
    } catch (error) {
      // A client that left breaks a handler's own piping: that is no fault of the test.
      if (res.destroyed) return;
      this.#handlerError ??= error;
      if (!res.headersSent) res.statusCode = 500;
      res.end(`the test's handler failed: ${error}`);
    }
  }
}

/** Starts a server; without `handler` it reads each request to its end and answers `{"ok":true}`. */
export function startServer(handler: Handler = answerOk, settings: ServerSettings = {}): Promise<TestServer> {
  return new TestServer(handler, settings.tls).listen(settings.port ?? 0);
}

/** Answers with JSON. */
export function sendJson(res: ServerResponse, value: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(value));
}

/**
 * A port that refuses connections. It is below those that systems give to servers that ask for any: one that a server had a moment ago
 * may be another test's server by now.
 */
export async function refusedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const socket = connect(port, '127.0.0.1');
    const refused = await once(socket, 'connect').then(
      () => false,
      ({ code }) => code === 'ECONNREFUSED',
    );
    socket.destroy();
    if (refused) return port;
  }
}

async function answerOk(req: IncomingMessage, res: ServerResponse, seen: SeenRequest): Promise<void> {
  req.resume();
  await seen.whole;
  sendJson(res, { ok: true });
}
