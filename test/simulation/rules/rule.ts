import type { ClientEventMap, ClientEventName } from '../../../src/telemetry/client-events.ts';
import type { CallBooks } from '../call-books.ts';
import type { TestedClient } from '../tested-client.ts';

/** One event of one client. */
export type SeenEvent = {
  [Name in ClientEventName]: {
    readonly name: Name;
    readonly fields: ClientEventMap[Name];
    readonly client: TestedClient;
    /** The call it is about, if it is about one. */
    readonly books: CallBooks | undefined;
  };
}[ClientEventName];

/** What a rule may look at, and where it complains. */
export interface Court {
  readonly now: number;
  readonly clients: readonly TestedClient[];
  readonly calls: readonly CallBooks[];
  /** Calls that somebody still waits for or reads. */
  readonly open: ReadonlySet<CallBooks>;
  /** How long our own event loop has stood still so far: limits may be that late, and some grace more. */
  readonly lateness: number;
  violation(message: string, books?: CallBooks): void;
}

/** Something that must hold. */
export interface Rule {
  /** While the event is being told, before anything else happens. */
  event?(event: SeenEvent, court: Court): void;
  /** Everything that follows from the last event has happened. */
  settled?(court: Court): void;
  /** It is all over. */
  end?(court: Court): void;
}
