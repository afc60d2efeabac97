import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Cancellation } from '../time/cancellation.ts';

/**
 * The line to the client for the time of one exchange: when the client leaves, the call is cancelled.
 * All listeners on request and response are here, and come off with `release()`.
 */
export class ClientLink {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly cancellation: Cancellation;
  /** The client sends its body only when it is told to, and has not been told yet. */
  bodyHeld = false;
  /** What the client sends, as it is handed to the upstream. */
  #upload: Readable | undefined;
  #left = false;
  /** What ended the exchange from outside: the client left, or the gateway's own signal fired. */
  #reason: { readonly error: unknown } | undefined;
  #unfollow: (() => void) | undefined;
  #onBroken: ((reason: unknown) => void) | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, cancellation: Cancellation) {
    this.req = req;
    this.res = res;
    this.cancellation = cancellation;
    res.on('close', this.#onClose);
    res.on('error', this.#onError);
    req.on('error', this.#onError);
    if (res.destroyed) this.#onError();
  }

  /** Why the exchange cannot go on; `undefined` while it can. */
  get broken(): { readonly error: unknown } | undefined {
    return this.#reason;
  }

  /** Whether anything can still be answered. */
  get open(): boolean {
    return !this.#left && !this.res.destroyed;
  }

  /** The upload breaks off with the exchange. */
  uploads(upload: Readable): void {
    this.#upload = upload;
    this.cancellation.onCancel(reason => upload.destroy(reason as Error));
  }

  /** Somebody wants the body: a client that holds it back is told to go on. */
  askForBody(): void {
    if (!this.bodyHeld) return;
    this.bodyHeld = false;
    if (this.open) this.res.writeContinue();
  }

  /** Nobody takes the upload any longer. */
  endUpload(): void {
    this.#upload?.destroy();
  }

  /** Lets a signal of the gateway end the exchange too. */
  follow(signal: AbortSignal): void {
    const onAbort = () => this.#break(signal.reason);
    const unfollow = () => signal.removeEventListener('abort', onAbort);
    this.#unfollow = unfollow;
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  }

  /** Calls `handler` once when the exchange breaks, at once if it has already. */
  onBroken(handler: (reason: unknown) => void): void {
    this.#onBroken = handler;
    if (this.#reason !== undefined) handler(this.#reason.error);
  }

  /** What comes after concerns nobody: takes every listener off. */
  release(): void {
    this.#onBroken = undefined;
    this.res.off('close', this.#onClose);
    this.res.off('error', this.#onError);
    this.req.off('error', this.#onError);
    this.#unfollow?.();
  }

  #break(error: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = { error };
    this.cancellation.cancel(error);
    this.#onBroken?.(error);
  }

  readonly #onClose = (): void => {
    if (!this.res.writableFinished) this.#onError();
  };

  readonly #onError = (): void => {
    this.#left = true;
    this.#break(new DOMException('the client disconnected', 'AbortError'));
  };
}
