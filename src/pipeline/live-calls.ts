import type { ServiceClientError } from '../errors/service-client-error.ts';
import type { Call } from './call.ts';

/** Every call that is under way, streamed bodies included. */
export class LiveCalls {
  /**
   * In no order, each knowing its place. Not a `Set`: one that calls come and go through makes a new table every hundred calls or so,
   * and the old ones, chained together, keep what was in them alive until the next big collection (a third of all calls, measured).
   */
  readonly #calls: Call[] = [];
  readonly #onDrained: (() => void)[] = [];

  get size(): number {
    return this.#calls.length;
  }

  /** Keeps the call until it is over; until then its own `signal` ends it. */
  enter(call: Call): void {
    call.place = this.#calls.push(call) - 1;
    call.whenOver(this.#leave);
    const { signal } = call.request;
    if (signal !== undefined) follow(call, signal);
  }

  readonly #leave = (call: Call): void => {
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[call.place] = last;
      last.place = call.place;
    }
    if (this.#calls.length === 0) for (const resolve of this.#onDrained.splice(0)) resolve();
  };

  /** Resolves when none is left. */
  drained(): Promise<void> {
    return new Promise(resolve => {
      if (this.#calls.length === 0) resolve();
      else this.#onDrained.push(resolve);
    });
  }

  /** Ends all that are left, each with a reason of its own. */
  cancelAll(reason: () => ServiceClientError): void {
    for (const call of [...this.#calls]) call.close(reason());
  }
}

function follow(call: Call, signal: AbortSignal): void {
  const abort = () => call.cancellation.cancel(signal.reason);
  if (signal.aborted) {
    abort();
    return;
  }
  signal.addEventListener('abort', abort, { once: true });
  call.whenOver(() => signal.removeEventListener('abort', abort));
}
