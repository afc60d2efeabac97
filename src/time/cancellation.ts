type CancelHandler = (reason: unknown) => void;

/**
 * Ends one call, attempt or wait from outside: an abort signal without the cost of one.
 * Handlers run once, the latest registered first, so that the inside of a call has closed its books before the outside rejects.
 */
export class Cancellation {
  #handlers: CancelHandler[] = [];
  #cancelled = false;
  #reason: unknown;
  #controller: AbortController | undefined;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** An `AbortSignal` that follows this cancellation, made on first use: user code wants one, the client's own does not. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.onCancel(reason => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    const handlers = this.#handlers;
    this.#handlers = [];
    for (let index = handlers.length - 1; index >= 0; index--) handlers[index]?.(reason);
  }

  /** Calls `handler` when cancelled, at once if it already is. */
  onCancel(handler: CancelHandler): void {
    if (this.#cancelled) handler(this.#reason);
    else this.#handlers.push(handler);
  }

  /** Takes a handler back; harmless when it is gone already. */
  offCancel(handler: CancelHandler): void {
    const handlers = this.#handlers;
    // Nearly always the last, and `splice` makes an array of what it takes out.
    if (handlers.at(-1) === handler) {
      handlers.pop();
      return;
    }
    const index = handlers.lastIndexOf(handler);
    if (index >= 0) handlers.splice(index, 1);
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }
}
