import { AsyncLocalStorage } from 'node:async_hooks';
import { ClientClosedError } from '../errors/client-closed-error.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { NoEndpointError } from '../errors/no-endpoint-error.ts';
import type { ResolvedEndpoint } from '../options/resolved-options.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { cancellable } from '../time/cancellable.ts';
import { Cancellation } from '../time/cancellation.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { EndpointDiscovery, EndpointInit } from './endpoint-discovery.ts';
import { nameFailure } from './name-failure.ts';

export interface FollowDiscoveryInit {
  readonly service: string;
  readonly discovery: EndpointDiscovery;
  /** Checks an answer and fills its defaults in; throws ConfigurationError for one that is wrong. */
  readonly parse: (list: readonly EndpointInit[]) => readonly ResolvedEndpoint[];
  /** Gets every good answer. */
  readonly apply: (endpoints: readonly ResolvedEndpoint[]) => void;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How long after a watch has ended the next one begins: doubling, each time a random half to the whole of it. */
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/**
 * What calls wait for. `empty`: the first answer was without endpoints, so that there is nothing to wait for.
 */
type Knowledge = 'nothing' | 'empty' | 'endpoints';

/** A watch begun by a call must not live in that call's context, with its deadline and ids. */
const outsideAnyCall = AsyncLocalStorage.snapshot();

/** Fills a set of endpoints from a discovery: keeps the last good answer, and begins again when a watch ends. */
export class FollowDiscovery {
  readonly #init: FollowDiscoveryInit;
  readonly #stopped = new Cancellation();
  #started = false;
  #knowledge: Knowledge = 'nothing';
  /** Settled at the first answer; made when somebody waits for it. */
  #firstAnswer: PromiseWithResolvers<void> | undefined;

  constructor(init: FollowDiscoveryInit) {
    this.#init = init;
  }

  /**
   * Resolves once there are endpoints, `undefined` when there are; the first one to ask starts the watch.
   * Rejects with NoEndpointError when the answer so far is that there are none, and with the cancellation's reason.
   */
  ready(cancellation: Cancellation): Promise<void> | undefined {
    if (this.#knowledge === 'endpoints') return undefined;
    if (this.#knowledge === 'empty') return Promise.reject(this.#noEndpoint());
    if (this.#stopped.cancelled) return Promise.reject(this.#stopped.reason);
    this.#firstAnswer ??= Promise.withResolvers();
    const answer = cancellable(this.#firstAnswer.promise, cancellation);
    this.#start();
    return answer;
  }

  /** Ends the watch, without waiting for a discovery that hangs. */
  stop(): void {
    const closed = new ClientClosedError({ service: this.#init.service });
    this.#stopped.cancel(closed);
    this.#settle(closed);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    outsideAnyCall(() => this.#follow()).catch(ignore);
  }

  async #follow(): Promise<void> {
    const { clock, random } = this.#init;
    let pauseMs = MIN_PAUSE_MS;
    while (!this.#stopped.cancelled) {
      const startedAt = clock.monotonic();
      const reason = await this.#watch();
      if (this.#stopped.cancelled) return;
      this.#report(reason);
      // A watch that lasted is a good one that was cut off, not one that fails over and over.
      if (clock.monotonic() - startedAt > pauseMs) pauseMs = MIN_PAUSE_MS;
      await this.#pause(pauseMs * (0.5 + 0.5 * random()));
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  }

  /** One watch, from its beginning until it ends or fails; resolves to why, in words. */
  async #watch(): Promise<string> {
    let iterator: AsyncIterator<readonly EndpointInit[]> | undefined;
    // Not `for await`: leaving it waits for the iterator, and one that hangs would never let go.
    const leave = () => void Promise.resolve(iterator?.return?.()).catch(ignore);
    try {
      const watched = this.#init.discovery.watch(this.#stopped.signal)[Symbol.asyncIterator]();
      iterator = watched;
      for (;;) {
        const step = await cancellable(Promise.resolve(watched.next()), this.#stopped);
        if (step.done === true) return 'the watch ended';
        this.#accept(step.value);
      }
    } catch (error) {
      leave();
      return `the watch failed: ${nameFailure(error)}`;
    }
  }

  #accept(list: readonly EndpointInit[]): void {
    let endpoints: readonly ResolvedEndpoint[];
    try {
      if (Array.isArray(list) && list.length === 0) {
        this.#report('an answer without endpoints');
        if (this.#knowledge === 'nothing') this.#learn('empty');
        return;
      }
      endpoints = this.#init.parse(list);
    } catch (error) {
      const why = error instanceof ConfigurationError ? error.message : nameFailure(error);
      this.#report(`an answer that cannot be used: ${why}`);
      return;
    }
    this.#init.apply(endpoints);
    this.#learn('endpoints');
  }

  #learn(knowledge: 'empty' | 'endpoints'): void {
    this.#knowledge = knowledge;
    this.#settle(knowledge === 'empty' ? this.#noEndpoint() : undefined);
  }

  #settle(error: Error | undefined): void {
    const answer = this.#firstAnswer;
    if (answer === undefined) return;
    this.#firstAnswer = undefined;
    if (error === undefined) answer.resolve();
    else answer.reject(error);
  }

  #report(reason: string): void {
    this.#init.events.emit('discovery:failure', { reason });
  }

  #noEndpoint(): NoEndpointError {
    return new NoEndpointError({ service: this.#init.service });
  }

  /** Ends early when stopped, and never keeps the process alive. */
  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer: Timer = this.#init.clock.setTimeout(() => {
        this.#stopped.offCancel(end);
        resolve();
      }, ms);
      const end = () => {
        timer.clear();
        resolve();
      };
      timer.unref?.();
      this.#stopped.onCancel(end);
    });
  }
}

function ignore(): void {}
