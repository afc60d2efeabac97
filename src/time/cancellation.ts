type CancelHandler = (reason: unknown) => void;

/**
 * Ends one call, attempt or wait from outside: an abort signal without the cost of one.
 * Handlers run once, the latest registered first, so that the inside of a call has closed its books before the outside rejects.
 */
export class Cancellation {
  /** Most have one handler at a time, and many calls have many of these: no list before there is a second. */
  #handler: CancelHandler | undefined;
  #laterHandlers: CancelHandler[] | undefined;
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
    const first = this.#handler;
    const later = this.#laterHandlers;
    this.#handler = undefined;
    this.#laterHandlers = undefined;
    if (later !== undefined) for (let index = later.length - 1; index >= 0; index--) later[index]?.(reason);
    first?.(reason);
  }

  /** Calls `handler` when cancelled, at once if it already is. */
  onCancel(handler: CancelHandler): void {
    if (this.#cancelled) handler(this.#reason);
    else if (this.#handler === undefined && this.#laterHandlers === undefined) this.#handler = handler;
    else {
      this.#laterHandlers ??= [];
      this.#laterHandlers.push(handler);
    }
  }

  /** Takes a handler back; harmless when it is gone already. */
  offCancel(handler: CancelHandler): void {
    const later = this.#laterHandlers;
    const index = later?.lastIndexOf(handler) ?? -1;
    if (index >= 0) later?.splice(index, 1);
    else if (this.#handler === handler) this.#handler = undefined;
    if (later?.length === 0) this.#laterHandlers = undefined;
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }
}
