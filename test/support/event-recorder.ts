import type { ClientEventMap, ClientEventName } from '../../src/telemetry/client-events.ts';

/** Written so that a new event does not compile until it is listed. */
const EVERY_NAME: Record<ClientEventName, true> = {
  'call:start': true,
  'call:end': true,
  'call:deprecated': true,
  'attempt:start': true,
  'attempt:end': true,
  'retry:scheduled': true,
  'retry:refused': true,
  'hedge:launched': true,
  'bulkhead:queued': true,
  'bulkhead:rejected': true,
  'stream:progress': true,
  'stream:end': true,
  'circuit:open': true,
  'circuit:half-open': true,
  'circuit:close': true,
  'endpoint:added': true,
  'endpoint:removed': true,
  'endpoint:unavailable': true,
  'endpoint:available': true,
  'probe:success': true,
  'probe:failure': true,
  'discovery:failure': true,
};

/** Every event name there is. */
export const eventNames = Object.keys(EVERY_NAME) as readonly ClientEventName[];

type Fields<Name extends ClientEventName> = Omit<ClientEventMap[Name], 'service' | 'at'>;

/** `service` and `at` are absent when the recorder stood in for the sink, which is what adds them. */
type Recorded<Name extends ClientEventName> = Fields<Name> & Partial<ClientEventMap[Name]>;

/** Anything one can subscribe to: a client, a record of clients. */
export interface EventSource {
  on<Name extends ClientEventName>(name: Name, listener: (event: ClientEventMap[Name]) => void): unknown;
}

export interface RecordedEvent {
  readonly name: ClientEventName;
  readonly fields: unknown;
}

/** Keeps events in the order they came, either as a client's subscriber or in place of its event sink. */
export class EventRecorder {
  readonly all: RecordedEvent[] = [];
  #waiting: (() => void)[] = [];

  /** Records everything that `source` tells. */
  static of(source: EventSource, only: readonly ClientEventName[] = eventNames): EventRecorder {
    const recorder = new EventRecorder();
    for (const name of only) source.on(name, event => recorder.#record(name, event));
    return recorder;
  }

  /** The names in order, for exact sequences. */
  get names(): ClientEventName[] {
    return this.all.map(event => event.name);
  }

  /** What the events of one name said. */
  of<Name extends ClientEventName>(name: Name): Recorded<Name>[] {
    return this.all.filter(event => event.name === name).map(event => event.fields as Recorded<Name>);
  }

  /** Resolves as soon as `count` events of that name have come. */
  async waitFor<Name extends ClientEventName>(name: Name, count = 1): Promise<Recorded<Name>[]> {
    while (this.of(name).length < count) await new Promise<void>(resolve => this.#waiting.push(resolve));
    return this.of(name);
  }

  clear(): void {
    this.all.length = 0;
  }

  wants(_name: ClientEventName): boolean {
    return true;
  }

  emit<Name extends ClientEventName>(name: Name, fields: Fields<Name>): void {
    this.#record(name, fields);
  }

  #record(name: ClientEventName, fields: unknown): void {
    this.all.push({ name, fields });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
