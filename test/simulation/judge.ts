import type { TransportRequest } from '../../src/transport/transport.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import type { CallBooks } from './call-books.ts';
import { RECOVERY_MS } from './draw-scenario.ts';
import { AttemptStarts } from './rules/attempt-starts.ts';
import { Budget } from './rules/budget.ts';
import { Circuits } from './rules/circuits.ts';
import { Ledger, OutcomesAgree } from './rules/ledger.ts';
import { Load } from './rules/load.ts';
import { NothingLeft } from './rules/nothing-left.ts';
import { Promptness } from './rules/promptness.ts';
import { Recovery } from './rules/recovery.ts';
import { Resends } from './rules/resends.ts';
import type { Court, Rule, SeenEvent } from './rules/rule.ts';
import type { Scenario } from './scenario.ts';
import type { TestedClient } from './tested-client.ts';

/** A limit that our own stall made late is judged up to this much later still. */
const GRACE_MS = 111;

/** A rule was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Holds every event against every rule; the first breach ends the run at its next turn. */
export class Judge implements Court {
  readonly clients: TestedClient[] = [];
  readonly calls: CallBooks[] = [];
  readonly open = new Set<CallBooks>();
  readonly filling = new Set<CallBooks>();
  lateness = 0;
  readonly #clock: ManualClock;
  readonly #nothingLeft = new NothingLeft(this.filling);
  readonly #rules: readonly Rule[];
  #violation: Violation | undefined;

  constructor(clock: ManualClock, { calmAt, endAt }: Scenario) {
    this.#clock = clock;
    this.#rules = [
      new Ledger(),
      new OutcomesAgree(),
      new AttemptStarts(),
      new Resends(),
      new Budget(),
      new Circuits(),
      new Load(),
      new Promptness(),
      new Recovery(calmAt + RECOVERY_MS, endAt),
      this.#nothingLeft,
    ];
  }

  get now(): number {
    return this.#clock.monotonic();
  }

  violation(message: string, books?: CallBooks): void {
    const about = books === undefined ? '' : ` (call ${books.plan.id} of client ${books.client.index})`;
    this.#violation ??= new Violation(`${message}${about}, ${this.now} ms in`);
  }

  stalled(ms: number): void {
    this.lateness = Math.max(this.lateness, GRACE_MS) + ms;
  }

  event(event: SeenEvent): void {
    for (const rule of this.#rules) rule.event?.(event, this);
  }

  opened(books: CallBooks): void {
    this.calls.push(books);
    this.open.add(books);
  }

  sent(client: TestedClient, request: TransportRequest, books: CallBooks | undefined): void {
    this.#nothingLeft.sent(client, request, books, this);
  }

  settled(): void {
    for (const rule of this.#rules) rule.settled?.(this);
    this.#throw();
  }

  end(): void {
    for (const rule of this.#rules) rule.end?.(this);
    this.#throw();
  }

  #throw(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }
}
