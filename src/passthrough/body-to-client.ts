import { NetworkError } from '../errors/network-error.ts';
import { flowOf, type StreamResponse } from '../response/stream-response.ts';
import type { BodyFlow, BodySink } from '../transport/transport.ts';
import type { ClientLink } from './client-link.ts';
import { hasBody } from './client-response.ts';

/** A longer chunk goes at once, and more comes when the client has taken it. */
const HELD_BYTES = 4096;

/** Hands a body on as fast as the client takes it. */
export class BodyToClient implements BodySink {
  bytes = 0;
  /** What broke it, if anything did. */
  failure: { readonly error: unknown } | undefined;
  over = false;
  /** All of a body that was here at once: it shares a packet with the head, and with the end. */
  held: Buffer | undefined;
  readonly #link: ClientLink;
  readonly #response: StreamResponse;
  readonly #flow: BodyFlow;
  /** Until then what follows at once is waited for. */
  #opening: NodeJS.Immediate | undefined;
  #opened = false;
  #onDrain: (() => void) | undefined;
  #onOver: (() => void) | undefined;

  constructor(link: ClientLink, response: StreamResponse) {
    this.#link = link;
    this.#response = response;
    this.#flow = flowOf(response, this);
  }

  /** A small body may be over when this returns. */
  start(): void {
    this.#flow.resume();
    if (this.over) return;
    this.#opening = setImmediate(open, this);
    const onDrain = (): void => this.#flow.resume();
    this.#onDrain = onDrain;
    this.#link.res.on('drain', onDrain);
    this.#link.onBroken(error => this.#settle({ error }));
  }

  /** Resolves when no more of it comes. */
  ended(): Promise<void> {
    return new Promise(resolve => {
      this.#onOver = resolve;
    });
  }

  data(chunk: Buffer): boolean {
    const first = this.bytes === 0;
    this.bytes += chunk.length;
    if (first && !this.#opened && chunk.length <= HELD_BYTES) {
      this.held = chunk;
      return true;
    }
    this.#release();
    return this.#link.res.write(chunk);
  }

  /** Nothing more has followed at once: what is here goes out, be it the head alone. */
  open(): void {
    if (this.bytes === 0 && this.#link.open) this.#link.res.flushHeaders();
    this.#release();
  }

  end(): void {
    const { headers, status } = this.#response;
    const announced = headers['content-length'];
    const short = announced !== undefined && Number(announced) !== this.bytes;
    if (short && hasBody(this.#link.req, status)) this.fail(undefined);
    else this.#settle(undefined);
  }

  fail(error: unknown): void {
    const { service, endpoint } = this.#response;
    this.#settle({ error: error ?? new NetworkError({ service, endpoint, phase: 'body' }) });
  }

  #release(): void {
    const { held } = this;
    this.#opened = true;
    this.held = undefined;
    if (held !== undefined) this.#link.res.write(held);
  }

  #settle(failure: { readonly error: unknown } | undefined): void {
    if (this.over) return;
    this.over = true;
    this.failure = failure;
    if (this.#onDrain !== undefined) {
      clearImmediate(this.#opening);
      this.#link.res.off('drain', this.#onDrain);
    }
    if (failure !== undefined) {
      this.#release();
      this.#flow.abandon();
    }
    this.#onOver?.();
  }
}

function open(body: BodyToClient): void {
  body.open();
}
