import { NetworkError } from '../errors/network-error.ts';
import { flowOf, type StreamResponse } from '../response/stream-response.ts';
import type { BodyFlow, BodySink } from '../transport/transport.ts';
import type { ClientLink } from './client-link.ts';
import { hasBody } from './client-response.ts';

/** Hands a body on as fast as the client takes it. */
export class BodyToClient implements BodySink {
  bytes = 0;
  /** What broke it, if anything did. */
  failure: { readonly error: unknown } | undefined;
  over = false;
  /** All of a body that was here at once: it can share a packet with the head, and with the end. */
  held: Buffer | undefined;
  readonly #link: ClientLink;
  readonly #response: StreamResponse;
  readonly #flow: BodyFlow;
  #starting = false;
  #onOver: (() => void) | undefined;

  constructor(link: ClientLink, response: StreamResponse) {
    this.#link = link;
    this.#response = response;
    this.#flow = flowOf(response, this);
  }

  /** What is here already has been taken when this returns, and may have been all there is. */
  start(): void {
    const link = this.#link;
    this.#starting = true;
    this.#flow.resume();
    this.#starting = false;
    if (this.over) return;
    this.#release();
    link.res.on('drain', this.#onDrain);
    link.onBroken(error => this.#settle({ error }));
  }

  /** Resolves when no more of it comes. */
  ended(): Promise<void> {
    if (this.bytes === 0) {
      // The first chunk usually follows at once and shares a packet with the head; if not, the head goes alone.
      setImmediate(() => {
        if (this.bytes === 0 && !this.over && this.#link.open) this.#link.res.flushHeaders();
      });
    }
    return new Promise(resolve => {
      this.#onOver = resolve;
    });
  }

  data(chunk: Buffer): boolean {
    const first = this.bytes === 0;
    this.bytes += chunk.length;
    if (first && this.#starting) {
      this.held = chunk;
      return true;
    }
    this.#release();
    return this.#link.res.write(chunk);
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

  readonly #onDrain = (): void => this.#flow.resume();

  #release(): void {
    const { held } = this;
    if (held === undefined) return;
    this.held = undefined;
    this.#link.res.write(held);
  }

  #settle(failure: { readonly error: unknown } | undefined): void {
    if (this.over) return;
    this.over = true;
    this.failure = failure;
    this.#link.res.off('drain', this.#onDrain);
    if (failure !== undefined) this.#flow.abandon();
    this.#onOver?.();
  }
}
