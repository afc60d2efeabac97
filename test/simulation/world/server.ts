import type { Clock } from '../../../src/time/clock.ts';
import type { TransportRequest } from '../../../src/transport/transport.ts';
import type { Draw } from '../draw.ts';
import type { Fault } from '../scenario.ts';
import { type Answer, answerTo } from './answer.ts';

/** A connection, as its server sees it. */
export interface ServerSide {
  /** The server is gone. */
  cut(): void;
}

/** How connecting to a server goes. */
export type Connecting = { readonly afterMs: number } | 'refused' | 'never' | 'no-such-name';

/** What an exchange has at its other end. */
export interface Server {
  readonly url: string;
  /** Told when idle connections are closed. */
  readonly onIdleClosed: (() => void)[];
  connect(): Connecting;
  answer(request: TransportRequest): Answer;
  opened(side: ServerSide): void;
  closed(side: ServerSide): void;
}

/** One server, with what is wrong with it just now. */
export class SimulatedServer implements Server {
  readonly url: string;
  readonly onIdleClosed: (() => void)[] = [];
  readonly #draw: Draw;
  readonly #faults = new Set<Fault>();
  readonly #open = new Set<ServerSide>();
  #flappedDown = 0;

  constructor(index: number, draw: Draw) {
    this.url = `http://s${index}`;
    this.#draw = draw;
  }

  /** Lets a fault begin and end in its time. */
  schedule(fault: Fault, clock: Clock): void {
    clock.setTimeout(() => {
      this.#begin(fault);
      if (fault.kind === 'flap') this.#flap(fault, clock, clock.monotonic() + fault.durationMs, false);
      clock.setTimeout(() => this.#faults.delete(fault), fault.durationMs);
    }, fault.at);
  }

  connect(): Connecting {
    const kinds = new Set([...this.#faults].map(({ kind }) => kind));
    if (kinds.has('lost-name')) return 'no-such-name';
    if (kinds.has('crash') || this.#flappedDown > 0) return 'refused';
    if (kinds.has('blackhole')) return 'never';
    return { afterMs: this.#draw.integer(0, 4) };
  }

  answer(request: TransportRequest): Answer {
    return answerTo(request, [...this.#faults], this.#draw);
  }

  opened(side: ServerSide): void {
    this.#open.add(side);
  }

  closed(side: ServerSide): void {
    this.#open.delete(side);
  }

  #begin(fault: Fault): void {
    this.#faults.add(fault);
    if (fault.kind === 'crash') this.#cutAll();
    if (fault.kind === 'stale') this.#closeIdle();
  }

  #flap(fault: Fault, clock: Clock, until: number, wasDown: boolean): void {
    const down = !wasDown && clock.monotonic() < until;
    this.#flappedDown += down ? 1 : wasDown ? -1 : 0;
    if (down) this.#cutAll();
    if (down || clock.monotonic() < until) {
      const restMs = Math.max(0, until - clock.monotonic());
      clock.setTimeout(() => this.#flap(fault, clock, until, down), Math.min(fault.size, restMs));
    }
  }

  #cutAll(): void {
    this.#closeIdle();
    for (const side of [...this.#open]) side.cut();
  }

  #closeIdle(): void {
    for (const listener of this.onIdleClosed) listener();
  }
}
