import type { ClientEventMap, ClientEventName } from './client-events.ts';

/** An event's payload without what every event has: the sink adds `service` and `at`. */
export type EventFields<Name extends ClientEventName> = Omit<ClientEventMap[Name], 'service' | 'at'>;

/** Where the parts of a client report what happens. */
export interface EventSink {
  /** Whether anybody listens. Ask before making a payload that costs something. */
  wants(name: ClientEventName): boolean;
  /** Tells everybody who listens; costs nothing when nobody does, and never throws. */
  emit<Name extends ClientEventName>(name: Name, fields: EventFields<Name>): void;
}
