import { ConfigurationError } from '../errors/configuration-error.ts';
import { warnOfHook } from '../errors/warn-of-hook.ts';
import type { Clock } from '../time/clock.ts';
import type { ClientEventMap, ClientEventName } from './client-events.ts';
import { diagnosticsChannel } from './diagnostics-channels.ts';
import { EVENT_NAMES, isEventName } from './event-names.ts';
import type { EventFields, EventSink } from './event-sink.ts';

/** Is told of one kind of event. What it returns is ignored; what it throws, or rejects with, is reported once per client. */
export type ClientEventListener<Name extends ClientEventName> = (event: ClientEventMap[Name]) => void;

type AnyListener = (event: never) => unknown;

/** A client's events: to its own listeners, and to the channels of `node:diagnostics_channel`. */
export class ClientEvents implements EventSink {
  readonly #service: string;
  readonly #clock: Clock;
  /** Lists are replaced, never changed, so that whoever is being told may subscribe and unsubscribe. */
  readonly #listeners = new Map<ClientEventName, readonly AnyListener[]>();

  constructor(service: string, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  /**
   * Calls `listener` at every event of that name, until the function it returns is called.
   *
   * @throws {@link ConfigurationError} when there is no such event, or `listener` is not a function
   */
  on<Name extends ClientEventName>(name: Name, listener: ClientEventListener<Name>): () => void {
    if (!isEventName(name)) {
      this.#refuse(String(name), `unknown event, expected one of ${EVENT_NAMES.join(', ')}`);
    }
    if (typeof listener !== 'function') this.#refuse(name, 'expected a function as listener');
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    let subscribed = true;
    return () => {
      if (subscribed) this.#remove(name, listener);
      subscribed = false;
    };
  }

  wants(name: ClientEventName): boolean {
    return this.#listeners.has(name) || diagnosticsChannel(name).hasSubscribers;
  }

  emit<Name extends ClientEventName>(name: Name, fields: EventFields<Name>): void {
    const listeners = this.#listeners.get(name);
    const channel = diagnosticsChannel(name);
    if (listeners === undefined && !channel.hasSubscribers) return;
    const event = { service: this.#service, at: this.#clock.now(), ...fields };
    if (listeners !== undefined) {
      for (const listener of listeners) this.#tell(name, listener as (event: unknown) => unknown, event);
    }
    if (channel.hasSubscribers) channel.publish(event);
  }

  #tell(name: ClientEventName, listener: (event: unknown) => unknown, event: unknown): void {
    try {
      const result = listener(event);
      if (isThenable(result)) result.then(undefined, error => this.#report(name, error));
    } catch (error) {
      this.#report(name, error);
    }
  }

  #remove(name: ClientEventName, listener: AnyListener): void {
    const listeners = this.#listeners.get(name) ?? [];
    const index = listeners.indexOf(listener);
    const rest = listeners.filter((_, position) => position !== index);
    if (rest.length === 0) this.#listeners.delete(name);
    else this.#listeners.set(name, rest);
  }

  /** Once per client. */
  #report(name: ClientEventName, error: unknown): void {
    const message = `${this.#service}: a listener or logger of "${name}" failed; the call goes on`;
    warnOfHook(this, 'HOLDFAST_LISTENER', message, error);
  }

  #refuse(path: string, message: string): never {
    throw new ConfigurationError({ service: this.#service, issues: [{ path, message }] });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
