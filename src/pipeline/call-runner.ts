import type { Readable } from 'node:stream';
import { ClientClosedError } from '../errors/client-closed-error.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import type { ServiceRequest } from '../request/service-request.ts';
import { Cancellation } from '../time/cancellation.ts';
import type { Clock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';

import type { Answer } from './answer.ts';
import { Call } from './call.ts';
import { LiveCalls } from './live-calls.ts';
import type { RefuseAtOnce } from './refuse-at-once.ts';
import type { CallScope } from './scopes.ts';
import type { Next } from './stage.ts';

export interface RunSettings {
  /** Ends the call from outside, beside its `signal`. */
  readonly cancellation?: Cancellation | undefined;
  /** Gets the call's books before it starts. */
  readonly onCall?: ((call: Call) => void) | undefined;
}

/** Sends calls down the pipeline until the client is closed, and knows which are under way. */
export class CallRunner {
  readonly #service: string;
  readonly #clock: Clock;
  readonly #refuseAtOnce: RefuseAtOnce;
  readonly #pipeline: Next<CallScope, Answer>;
  readonly #live = new LiveCalls();
  readonly #idPrefix: string;
  #count = 0;
  #closing = false;

  constructor(
    service: string,
    clock: Clock,
    random: () => number,
    refuseAtOnce: RefuseAtOnce,
    pipeline: Next<CallScope, Answer>,
  ) {
    this.#service = service;
    this.#clock = clock;
    this.#refuseAtOnce = refuseAtOnce;
    this.#pipeline = pipeline;
    this.#idPrefix = `${Math.floor(random() * 36 ** 8)
      .toString(36)
      .padStart(8, '0')}-`;
  }

  /** Refuses what comes after `close()`; asked before the input is even looked at. */
  assertOpen(): void {
    if (this.#closing) throw new ClientClosedError({ service: this.#service });
  }

  run(request: ServiceRequest, { cancellation, onCall }: RunSettings): Promise<Answer> {
    this.assertOpen();
    const id = this.#idPrefix + (++this.#count).toString(36);
    const call = new Call(id, this.#service, this.#clock, request, cancellation);
    onCall?.(call);
    const refusal = this.#refuseAtOnce(call);
    if (refusal !== undefined) return refused(refusal);
    this.#live.enter(call);
    if (request.body.kind === 'one-shot') holdSource(request.body.source, call);
    return this.#pipeline({ call, request });
  }

  /** Lets the calls under way finish for `graceMs`, then ends those that are left. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    if (this.#live.size === 0) return;
    const grace = new Cancellation();
    const drained = this.#live.drained();
    const over = wait(graceMs, this.#clock, grace).then(
      () => this.#live.cancelAll(() => new ClientClosedError({ service: this.#service })),
      () => {},
    );
    await Promise.race([drained, over]);
    grace.cancel(undefined);
    await drained;
  }
}

/** Rejected a moment later, when the caller listens: what nobody handles when it rejects is put down in books of Node's. */
async function refused(error: ServiceClientError): Promise<never> {
  await undefined;
  throw error;
}

/** A stream handed over is the call's: it may fail before anybody reads it, and it ends with the call at the latest. */
function holdSource(source: Readable, call: Call): void {
  source.on('error', ignore);
  call.whenOver(() => {
    source.destroy();
  });
}

function ignore(): void {}
