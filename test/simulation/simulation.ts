import { createHash } from 'node:crypto';
import type { ClientEventMap, ClientEventName } from '../../src/telemetry/client-events.ts';
import type { TransportRequest } from '../../src/transport/transport.ts';
import { eventNames } from '../support/event-recorder.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { CallBooks, type SeenAttempt } from './call-books.ts';
import { Caller } from './caller.ts';
import { Draw } from './draw.ts';
import { type Judge, openCourt } from './judge.ts';
import { makeClient } from './make-client.ts';
import type { SeenEvent } from './rules/rule.ts';
import type { CallPlan, Scenario } from './scenario.ts';
import type { TestedClient } from './tested-client.ts';
import { type Answer, callOf } from './world/answer.ts';
import { SimulatedServer } from './world/server.ts';
import type { WireWatcher } from './world/simulated-transport.ts';

/** Of the turns of the clock, those in which everything due happens before anybody can react to any of it. */
const AT_ONCE = 0.1;
/** For what is left of the calls when the scenario is over. */
const PATIENCE_MS = 30_000;
/** What settles within this time after a close is not left. */
const SETTLE_MS = 250;

/** One run of a scenario: every client, server and caller of it under one clock, judged after every event. */
export class Simulation {
  readonly clock = new ManualClock();
  readonly #scenario: Scenario;
  readonly #draw: Draw;
  readonly #servers: SimulatedServer[];
  readonly #clients: TestedClient[];
  readonly #byId = new Map<number, CallBooks>();
  readonly #callers = new Map<CallBooks, Caller>();
  readonly #hash = createHash('sha256');
  readonly #judge: Judge;
  readonly #onTrace: ((line: string) => void) | undefined;
  #stallMs = 0;

  constructor(scenario: Scenario, onTrace?: (line: string) => void) {
    this.#scenario = scenario;
    this.#onTrace = onTrace;
    const { seed } = scenario;
    this.#draw = new Draw(seed + 1);
    this.#servers = Array.from(
      { length: scenario.servers },
      (_, index) => new SimulatedServer(index, new Draw(seed + 1_000 + index)),
    );
    this.#judge = openCourt(this.clock, scenario);
    this.#clients = scenario.clients.map((plan, index) => {
      const client: TestedClient = makeClient(index, plan, seed + 10_000 * (index + 1), {
        clock: this.clock,
        servers: this.#servers,
        calmAt: scenario.calmAt,
        watcher: this.#watcher(() => client),
        violation: message => this.#judge.violation(message),
      });
      return client;
    });
    this.#judge.clients.push(...this.#clients);
    for (const client of this.#clients) this.#listen(client);
  }

  /** Runs it to its end, or to the first rule that is broken. Resolves to the hash of everything that happened. */
  async run(): Promise<string> {
    this.#schedule();
    await this.#until(this.#scenario.endAt);
    await this.#drain();
    this.#fillSlots();
    await this.#drain();
    for (const client of this.#clients) if (client.closing === undefined) this.#close(client, 0);
    await this.#until(this.clock.monotonic() + SETTLE_MS);
    this.#judge.end();
    return this.#hash.digest('hex');
  }

  #schedule(): void {
    const { faults, calls, stalls, clients, calmAt } = this.#scenario;
    for (const fault of faults) this.#servers[fault.server]?.schedule(fault, this.clock);
    for (const plan of calls) this.clock.setTimeout(() => this.#call(plan), plan.at);
    for (const { at, ms } of stalls) {
      this.clock.setTimeout(() => {
        this.#stallMs = ms;
      }, at);
    }
    clients.forEach(({ close }, index) => {
      const client = this.#clients[index]!;
      if (close !== undefined) this.clock.setTimeout(() => this.#close(client, close.graceMs), close.at);
    });
    this.clock.setTimeout(() => {
      for (const { transport } of this.#clients) transport.forgetStale();
    }, calmAt);
  }

  async #until(time: number): Promise<void> {
    while (this.clock.monotonic() < time) await this.#step(time);
  }

  async #drain(): Promise<void> {
    const latest = this.clock.monotonic() + PATIENCE_MS;
    while (this.#judge.open.size > 0 && this.clock.monotonic() < latest) await this.#step(latest);
  }

  /** One turn of the clock, everything that follows from it, and the verdict on that. */
  async #step(latest: number): Promise<void> {
    const { clock } = this;
    if (this.#stallMs > 0) {
      const ms = this.#stallMs;
      this.#stallMs = 0;
      this.#judge.stalled(ms);
      await clock.stall(ms);
    } else {
      const dueInMs = clock.timers[0]?.dueInMs ?? Number.POSITIVE_INFINITY;
      const restMs = latest - clock.monotonic();
      if (dueInMs > restMs) clock.advanceSync(restMs);
      else if (this.#draw.chance(AT_ONCE)) clock.advanceSync(dueInMs);
      else await clock.advanceToNext();
    }
    await settlePromises();
    this.#judge.settled();
  }

  #call(plan: CallPlan): CallBooks {
    const client = this.#clients[plan.client]!;
    if (plan.via === 'probe') {
      client.client.probe().catch((error: unknown) => {
        if (client.closing === undefined) this.#judge.violation(`a probe failed with ${error}`);
      });
    }
    const books = new CallBooks(plan, client, this.clock.monotonic());
    if (plan.via === 'probe') return books;
    const caller = new Caller(books, {
      clock: this.clock,
      violation: (message, about) => this.#judge.violation(message, about),
      over: about => this.#judge.open.delete(about),
    });
    this.#byId.set(plan.id, books);
    this.#callers.set(books, caller);
    this.#judge.calls.push(books);
    this.#judge.open.add(books);
    void caller.call();
    if (plan.abort?.on === 'time') this.#abort(books);
    return books;
  }

  /** As many calls as a client has slots, when no other is left. */
  #fillSlots(): void {
    let id = 1_000_000;
    this.#clients.forEach(({ options, closing }, client) => {
      if (closing !== undefined || options.bulkhead === false) return;
      for (let count = options.bulkhead.maxConcurrent; count > 0; count--) {
        const at = this.clock.monotonic();
        const plan: CallPlan = {
          id: id++,
          at,
          client,
          via: 'call',
          method: 'GET',
          bytes: 1,
          body: 'none',
          reader: {},
        };
        this.#judge.filling.add(this.#call(plan));
      }
    });
  }

  #close(client: TestedClient, graceMs: number): void {
    client.closing = { at: this.clock.monotonic(), graceMs };
    client.client.close({ graceMs }).then(
      () => {
        client.closedAt = this.clock.monotonic();
      },
      (error: unknown) => this.#judge.violation(`close() failed with ${error}`),
    );
  }

  #abort(books: CallBooks): void {
    const { afterMs = 0 } = books.plan.abort ?? {};
    const abort = () => this.#callers.get(books)?.abort();
    if (afterMs > 0) this.clock.setTimeout(abort, afterMs);
    else if (books.plan.id % 2 === 0) abort();
    else queueMicrotask(abort);
  }

  #listen(client: TestedClient): void {
    for (const name of eventNames) client.client.on(name, fields => this.#event(client, name, fields));
  }

  #event<Name extends ClientEventName>(client: TestedClient, name: Name, fields: ClientEventMap[Name]): void {
    this.#trace(`c${client.index} ${name} ${JSON.stringify(fields)}`);
    const books = 'context' in fields ? this.#byId.get(Number(fields.context.jobId)) : undefined;
    this.#keepBooks(client, books, name, fields);
    this.#judge.event({ name, fields, client, books } as SeenEvent);
    for (const about of books === undefined ? this.#judge.open : [books]) {
      if (about.client === client && about.plan.abort?.on === name) this.#abort(about);
    }
  }

  #keepBooks(
    client: TestedClient,
    books: CallBooks | undefined,
    name: ClientEventName,
    fields: object,
  ): void {
    const now = this.clock.monotonic();
    if (name === 'endpoint:removed') {
      const { endpoint } = fields as ClientEventMap['endpoint:removed'];
      for (const { client: owner, attempts } of this.#judge.calls) {
        if (owner !== client) continue;
        for (const attempt of attempts) if (attempt.endpoint === endpoint) attempt.orphaned = true;
      }
    }
    if (books === undefined) return;
    if (name === 'attempt:start') {
      const { attempt: number, endpoint } = fields as ClientEventMap['attempt:start'];
      books.attempts.push({
        number,
        endpoint,
        startedAt: now,
        onWire: 0,
        reached: false,
        trial: false,
        orphaned: false,
      });
    } else if (name === 'attempt:end') {
      const { attempt } = fields as ClientEventMap['attempt:end'];
      const ended = books.attempts.find(({ number }) => number === attempt);
      if (ended !== undefined) ended.endedAt = now;
    } else if (name === 'retry:scheduled') {
      const { attempt, delayMs, source } = fields as ClientEventMap['retry:scheduled'];
      books.retries.push({ at: now, attempt, delayMs, source });
    }
  }

  #watcher(client: () => TestedClient): WireWatcher {
    const attempts = new WeakMap<TransportRequest, SeenAttempt>();
    const tell = (what: string, request: TransportRequest) =>
      this.#trace(`c${client().index} ${what} ${request.method} ${request.url} at ${request.endpoint}`);
    return {
      sent: request => {
        tell('sent', request);
        this.#judge.sent(client(), request);
        const attempt = this.#byId.get(callOf(request) ?? -1)?.lastAttempt;
        if (attempt === undefined) return;
        attempts.set(request, attempt);
        attempt.onWire++;
      },
      reached: request => {
        const attempt = attempts.get(request);
        if (attempt !== undefined) attempt.reached = true;
      },
      answered: (request: TransportRequest, answer: Answer) => {
        tell(`answered ${answer.status}`, request);
        const attempt = attempts.get(request);
        if (attempt !== undefined) attempt.answer = answer;
      },
      over: request => {
        tell('over', request);
        const attempt = attempts.get(request);
        if (attempt !== undefined) attempt.onWire--;
      },
    };
  }

  #trace(line: string): void {
    const whole = `${this.clock.monotonic()} ${line}`;
    this.#hash.update(whole);
    this.#onTrace?.(whole);
  }
}
