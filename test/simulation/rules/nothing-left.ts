import type { TransportRequest } from '../../../src/transport/transport.ts';
import type { CallBooks } from '../call-books.ts';
import type { TestedClient } from '../tested-client.ts';
import type { Court, Rule, SeenEvent } from './rule.ts';

/** With all calls over every slot is free, and a closed client sends nothing and has no timer. */
export class NothingLeft implements Rule {
  /** Calls made when all others were over, as many as there are slots. */
  readonly #filling: ReadonlySet<CallBooks>;

  constructor(filling: ReadonlySet<CallBooks>) {
    this.#filling = filling;
  }

  event({ name, books }: SeenEvent, court: Court): void {
    if (name !== 'bulkhead:queued' && name !== 'bulkhead:rejected') return;
    if (books !== undefined && this.#filling.has(books))
      court.violation('a slot was never given back', books);
  }

  sent(client: TestedClient, { url }: TransportRequest, books: CallBooks | undefined, court: Court): void {
    if (books?.abortedAt !== undefined) court.violation('sent after the caller had aborted', books);
    if (client.closedAt !== undefined) court.violation(`${url} was asked for after the client had closed`);
  }

  end(court: Court): void {
    for (const { clock, transport, index } of court.clients) {
      if (clock.pending > 0) court.violation(`client ${index} has ${clock.pending} timers after close()`);
      if (transport.closes !== 1) court.violation(`the transport was closed ${transport.closes} times`);
    }
  }
}
