import { createHash } from 'node:crypto';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { Bookkeeper } from './bookkeeper.ts';
import { CallBooks } from './call-books.ts';
import { Caller } from './caller.ts';
import { Draw } from './draw.ts';
import { Judge } from './judge.ts';
import { makeClient } from './make-client.ts';
import type { CallPlan, Scenario } from './scenario.ts';
import type { TestedClient } from './tested-client.ts';
import { SimulatedServer } from './world/server.ts';

/** Of the turns of the clock, those in which everything due happens before anybody can react to any of it. */
const AT_ONCE = 0.1;
/** For what is left of the calls when the scenario is over. */
const PATIENCE_MS = 30_000;
/** What settles within this time after a close is not left. */
const SETTLE_MS = 250;
/** Float time: `a + (b - a)` may be a hair under `b`. */
const ROUNDING_MS = 1e-3;
/** Calls made by the simulation itself. */
const FIRST_OWN_ID = 1_000_000;

/** One run of a scenario: every client, server and caller of it under one clock, judged after every event. */
export class Simulation {
  readonly clock = new ManualClock();
  readonly #scenario: Scenario;
  readonly #draw: Draw;
  readonly #servers: SimulatedServer[];
  readonly #clients: TestedClient[];
  readonly #callers = new Map<CallBooks, Caller>();
  readonly #hash = createHash('sha256');
  readonly #judge: Judge;
  readonly #bookkeeper: Bookkeeper;
  #stallMs = 0;

  /** @param onTrace - Gets a line for everything that happens. */
  constructor(scenario: Scenario, onTrace?: (line: string) => void) {
    this.#scenario = scenario;
    const { seed, calmAt } = scenario;
    const { clock } = this;
    this.#draw = new Draw(seed + 1);
    this.#servers = Array.from(
      { length: scenario.servers },
      (_, index) => new SimulatedServer(index, new Draw(seed + 1_000 + index)),
    );
    const judge = new Judge(clock, scenario);
    const trace = (text: string) => {
      const line = `${clock.monotonic()} ${text}\n`;
      this.#hash.update(line);
      onTrace?.(line);
    };
    const bookkeeper = new Bookkeeper({
      clock,
      judge,
      trace,
      onEvent: (books, name) => {
        if (books.plan.abort?.on === name) this.#abort(books);
      },
    });
    const violation = (message: string) => judge.violation(message);
    this.#clients = scenario.clients.map((plan, index) => {
      const watcher = bookkeeper.watch(() => client);
      const world = { clock, servers: this.#servers, calmAt, watcher, violation };
      const client: TestedClient = makeClient(index, plan, seed + 10_000 * (index + 1), world);
      return client;
    });
    judge.clients.push(...this.#clients);
    for (const client of this.#clients) bookkeeper.listen(client);
    this.#judge = judge;
    this.#bookkeeper = bookkeeper;
  }

  /** Every call that was made, with all that is known of it. */
  get calls(): readonly CallBooks[] {
    return this.#judge.calls;
  }

  /**
   * Runs it to its end. Resolves to the hash of everything that happened.
   * @throws Violation as soon as a rule is broken.
   */
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
    this.#callNext(calls, 0);
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

  /** One after the other, so that those to come do not slow the clock down. */
  #callNext(calls: readonly CallPlan[], index: number): void {
    const plan = calls[index];
    if (plan === undefined) return;
    const inMs = plan.at - this.clock.monotonic();
    this.clock.setTimeout(() => {
      this.#callNext(calls, index + 1);
      this.#call(plan);
    }, inMs);
  }

  async #until(time: number): Promise<void> {
    // Something to wake up for, however quiet it is.
    this.clock.setTimeout(() => {}, time - this.clock.monotonic() + ROUNDING_MS);
    while (this.clock.monotonic() < time) await this.#step();
  }

  async #drain(): Promise<void> {
    const latest = this.clock.monotonic() + PATIENCE_MS;
    this.clock.setTimeout(() => {}, PATIENCE_MS + ROUNDING_MS);
    while (this.#judge.open.size > 0 && this.clock.monotonic() < latest) await this.#step();
  }

  /** One turn of the clock, everything that follows from it, and the verdict on that. */
  async #step(): Promise<void> {
    const { clock } = this;
    if (this.#stallMs > 0) {
      const ms = this.#stallMs;
      this.#stallMs = 0;
      this.#judge.stalled(ms);
      await clock.stall(ms);
    } else if (this.#draw.chance(AT_ONCE)) clock.advanceSync(clock.timers[0]?.dueInMs ?? 0);
    else await clock.advanceToNext();
    await settlePromises();
    this.#judge.settled();
  }

  #call(plan: CallPlan): void {
    const client = this.#clients[plan.client]!;
    if (plan.via === 'probe') this.#probe(client);
    else this.#start(new CallBooks(plan, client, this.clock.monotonic()));
  }

  #start(books: CallBooks): void {
    const caller = new Caller(books, {
      clock: this.clock,
      violation: (message, about) => this.#judge.violation(message, about),
      over: about => this.#judge.open.delete(about),
    });
    this.#bookkeeper.open(books);
    this.#callers.set(books, caller);
    void caller.call();
    if (books.plan.abort?.on === 'time') this.#abort(books);
  }

  #probe(client: TestedClient): void {
    client.client.probe().catch((error: unknown) => {
      if (client.closing === undefined) this.#judge.violation(`a probe failed with ${error}`);
    });
  }

  /** As many calls as a client has slots, when no other is left. */
  #fillSlots(): void {
    let id = FIRST_OWN_ID;
    const at = this.clock.monotonic();
    for (const client of this.#clients) {
      const { bulkhead } = client.options;
      if (client.closing !== undefined || bulkhead === false) continue;
      for (let count = bulkhead.maxConcurrent; count > 0; count--) {
        const what = { via: 'call', method: 'GET', bytes: 1, body: 'none', reader: {} } as const;
        const books = new CallBooks({ ...what, id: id++, at, client: client.index }, client, at);
        this.#judge.filling.add(books);
        this.#start(books);
      }
    }
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

  /** At once, right after what is going on, or later. */
  #abort(books: CallBooks): void {
    const { afterMs = 0 } = books.plan.abort ?? {};
    const abort = () => this.#callers.get(books)?.abort();
    if (afterMs > 0) this.clock.setTimeout(abort, afterMs);
    else if (books.plan.id % 2 === 0) abort();
    else queueMicrotask(abort);
  }
}
