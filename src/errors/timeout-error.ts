import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

/** Which of a call's time limits was reached. */
export type TimeoutScope = 'connect' | 'attempt' | 'total' | 'idle';

export interface TimeoutErrorInit {
  readonly service: string;
  readonly endpoint?: string | undefined;
  readonly scope: TimeoutScope;
  /** The limit in milliseconds; 0 or less when the deadline was past already. */
  readonly timeoutMs: number;
  readonly ownStall?: boolean | undefined;
  readonly noSocket?: boolean | undefined;
}

/** Rejects a call that ran out of time. */
export class TimeoutError extends ServiceClientError {
  readonly code = 'ERR_TIMEOUT';
  readonly gatewayStatus = 504;
  /** `total` whenever the call's deadline ended it. */
  readonly scope: TimeoutScope;
  /** The limit in milliseconds, 0 when the deadline was past already. */
  readonly timeoutMs: number;

  readonly #ownStall: boolean;
  readonly #noSocket: boolean;

  static {
    nameErrors(TimeoutError.prototype, 'TimeoutError');
  }

  constructor(init: TimeoutErrorInit) {
    const timeoutMs = Math.max(0, Math.round(init.timeoutMs));
    super(summaryOf(init, timeoutMs), init);
    this.scope = init.scope;
    this.timeoutMs = timeoutMs;
    this.#ownStall = init.ownStall === true;
    this.#noSocket = init.noSocket === true;
  }

  /** The request provably never reached the server: resending it is safe with any method. */
  get neverSent(): boolean {
    return this.scope === 'connect';
  }

  /** Our own event loop was late: says nothing about the endpoint. */
  get ownStall(): boolean {
    return #ownStall in this && this.#ownStall;
  }

  /** The attempt was still waiting for a socket of the pool: says nothing about the endpoint. */
  get noSocket(): boolean {
    return #noSocket in this && this.#noSocket;
  }
}

function summaryOf({ scope, endpoint }: TimeoutErrorInit, timeoutMs: number): string {
  const limit = `(${scope} time limit)`;
  const from = endpoint === undefined ? '' : ` from ${endpoint}`;
  if (scope === 'total' && timeoutMs === 0) return `no time left, the deadline has passed ${limit}`;
  if (scope === 'idle') return `no data${from} for ${timeoutMs} ms ${limit}`;
  if (scope === 'connect') {
    return `no connection${endpoint === undefined ? '' : ` to ${endpoint}`} within ${timeoutMs} ms ${limit}`;
  }
  return `no answer${from} within ${timeoutMs} ms ${limit}`;
}
