import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Issue } from '../errors/issue.ts';

/** Whether a request's head announces a body. */
export function announcesBody(req: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || (length !== undefined && Number(length) > 0);
}

/** As Node reads it: the expectation may be one of several, and a client of HTTP/1.0 has none. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** Whether a client may be waiting to be told to send its body. */
export function expectsContinue(req: IncomingMessage): boolean {
  const { expect } = req.headers;
  return req.httpVersion !== '1.0' && expect !== undefined && CONTINUE.test(expect) && announcesBody(req);
}

/** Why the body of a request cannot be passed on, or `undefined`. */
export function bodyIssue(req: IncomingMessage): Issue | undefined {
  if (!req.readableDidRead && !req.readableEnded) return undefined;
  return { path: 'body', message: 'has been read already; mount passthrough before body parsers' };
}

/** Length of the body as its head says; `undefined` when it comes in chunks. */
export function announcedBytes(req: IncomingMessage): number | undefined {
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || length === undefined ? undefined : Number(length);
}

/**
 * A client's upload, read from its request as fast as it is taken and not before.
 * Stands between the two since whoever sends it may destroy it, and destroying the request would cut off the client before it has its answer.
 */
export class IncomingBody extends Readable {
  readonly #req: IncomingMessage;
  readonly #onStart: (() => void) | undefined;
  #reading = false;

  /** `onStart` is called before the first byte is asked for. */
  constructor(req: IncomingMessage, onStart?: () => void) {
    super({ highWaterMark: req.readableHighWaterMark });
    this.#req = req;
    this.#onStart = onStart;
    // Whoever destroys it knows why; without a listener the process would end.
    this.on('error', () => {});
  }

  override _read(): void {
    if (!this.#reading) {
      this.#reading = true;
      this.#onStart?.();
      this.#req.on('data', this.#onData);
      this.#req.on('end', this.#onEnd);
    }
    this.#req.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.detach();
    callback(error);
  }

  /** Takes its listeners off the request, and lets it wait. */
  detach(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#req.off('data', this.#onData);
    this.#req.off('end', this.#onEnd);
    if (!this.#req.readableEnded) this.#req.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#req.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };
}
