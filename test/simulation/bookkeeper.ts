import type { ClientEventMap, ClientEventName } from '../../src/telemetry/client-events.ts';
import type { Clock } from '../../src/time/clock.ts';
import type { TransportRequest } from '../../src/transport/transport.ts';
import { eventNames } from '../support/event-recorder.ts';
import type { CallBooks, SeenAttempt } from './call-books.ts';
import type { Judge } from './judge.ts';
import type { SeenEvent } from './rules/rule.ts';
import type { TestedClient } from './tested-client.ts';
import { callOf } from './world/answer.ts';
import type { WireWatcher } from './world/simulated-transport.ts';

export interface Desk {
  readonly clock: Clock;
  readonly judge: Judge;
  readonly trace: (line: string) => void;
  /** After an event of this call has been entered. */
  readonly onEvent: (books: CallBooks, name: ClientEventName) => void;
}

/** Enters into each call's books what the events and the wire tell of it, and lets every line be judged. */
export class Bookkeeper {
  readonly #desk: Desk;
  readonly #byId = new Map<number, CallBooks>();
  readonly #attempts = new WeakMap<TransportRequest, SeenAttempt>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  open(books: CallBooks): void {
    this.#byId.set(books.plan.id, books);
    this.#desk.judge.opened(books);
  }

  listen(client: TestedClient): void {
    for (const name of eventNames) client.client.on(name, fields => this.#event(client, name, fields));
  }

  watch(client: () => TestedClient): WireWatcher {
    const tell = (what: string, { method, url }: TransportRequest) =>
      this.#desk.trace(`c${client().index} ${what} ${method} ${url}`);
    return {
      sent: request => {
        tell('sent', request);
        const books = this.#byId.get(callOf(request) ?? -1);
        this.#desk.judge.sent(client(), request, books);
        const attempt = books?.lastAttempt;
        if (attempt === undefined) return;
        this.#attempts.set(request, attempt);
        attempt.onWire++;
      },
      reached: request => {
        const attempt = this.#attempts.get(request);
        if (attempt !== undefined) attempt.reached = true;
      },
      answered: (request, answer) => {
        tell(`answered ${answer.status}`, request);
        const attempt = this.#attempts.get(request);
        if (attempt !== undefined) attempt.answer = answer;
      },
      over: request => {
        tell('over', request);
        const attempt = this.#attempts.get(request);
        if (attempt !== undefined) attempt.onWire--;
      },
    };
  }

  #event<Name extends ClientEventName>(client: TestedClient, name: Name, fields: ClientEventMap[Name]): void {
    const { judge, trace, onEvent } = this.#desk;
    trace(`c${client.index} ${name} ${JSON.stringify(fields)}`);
    const books = 'context' in fields ? this.#byId.get(Number(fields.context.jobId)) : undefined;
    const event = { name, fields, client, books } as SeenEvent;
    this.#enter(event);
    judge.event(event);
    if (books !== undefined) onEvent(books, name);
  }

  #enter({ name, fields, client, books }: SeenEvent): void {
    const at = this.#desk.clock.monotonic();
    if (name === 'endpoint:removed') this.#orphan(client, fields.endpoint);
    if (books === undefined) return;
    if (name === 'attempt:start') {
      const { attempt: number, endpoint } = fields;
      books.attempts.push({ number, endpoint, startedAt: at, onWire: 0, reached: false, orphaned: false });
    } else if (name === 'attempt:end') {
      const ended = books.attempts.find(({ number }) => number === fields.attempt);
      if (ended !== undefined) Object.assign(ended, { endedAt: at, status: fields.status });
    } else if (name === 'retry:scheduled') {
      const { attempt, delayMs, source } = fields;
      books.retries.push({ at, attempt, delayMs, source });
    } else if (name === 'retry:refused') {
      books.refused = true;
    } else if (name === 'stream:end') {
      books.bodyOpen = false;
      if (books.outcome !== undefined) this.#desk.judge.open.delete(books);
    }
  }

  /** Nobody counts what is still under way there. */
  #orphan(client: TestedClient, endpoint: string): void {
    for (const books of this.#byId.values()) {
      if (books.client !== client) continue;
      for (const attempt of books.attempts) if (attempt.endpoint === endpoint) attempt.orphaned = true;
    }
  }
}
