import type { ResolvedCircuitBreaker } from '../options/resolved-options.ts';
import type { Clock } from '../time/clock.ts';
import type { CircuitState } from './circuit-state.ts';
import { OpossumWindow, type WindowCounts } from './opossum-window.ts';
import type { Permit } from './permit.ts';

/** Hears of every change of a circuit. */
export interface CircuitWatcher {
  circuitOpened(reason: string, retryAfterMs: number): void;
  circuitHalfOpened(reason: string): void;
  circuitClosed(reason: string): void;
}

/** Lets attempts through to one endpoint, or holds them back. */
export interface Circuit {
  readonly state: CircuitState;
  /** Lets an attempt through; `undefined` when it must not be made. */
  acquire(): Permit | undefined;
  /** Milliseconds until `acquire` may give a permit, 0 when it would now. */
  retryAfterMs(): number;
  /** Ends it: what attempts under way report is ignored. */
  shutdown(): void;
}

/** Makes the circuit of one endpoint. */
export type CircuitFactory = (watcher: CircuitWatcher) => Circuit;

export interface CircuitInit {
  readonly options: ResolvedCircuitBreaker;
  readonly clock: Clock;
  readonly random: () => number;
}

type Verdict = 'success' | 'failure' | 'neutral';

/** A trial takes as long as an attempt does, which nobody knows beforehand: callers are told to come back in a second at most. */
const TRIAL_ESTIMATE_MS = 1_000;

const JITTER = 0.2;

const CLOSED: CircuitState = Object.freeze({ kind: 'closed' });

/**
 * The circuit of one endpoint. Admission, the trial and the open time are decided here; the outcomes are counted by opossum.
 *
 * It never holds a timer: time is looked at when somebody asks. A permit belongs to the generation it was taken in, and
 * every change of state starts a new one, so that a late result of an earlier time decides nothing.
 */
export class CountingCircuit implements Circuit {
  readonly #init: CircuitInit;
  readonly #watcher: CircuitWatcher;
  #state: CircuitState = CLOSED;
  #generation = 0;
  /** Made at the first verdict: an endpoint without traffic needs none. Gone while the circuit is not closed. */
  #window: OpossumWindow | undefined;

  constructor(init: CircuitInit, watcher: CircuitWatcher) {
    this.#init = init;
    this.#watcher = watcher;
  }

  get state(): CircuitState {
    return this.#state;
  }

  acquire(): Permit | undefined {
    const state = this.#state;
    if (state.kind !== 'closed') {
      if (this.retryAfterMs() > 0) return undefined;
      this.#startTrial(state);
    }
    return new CircuitPermit(this, this.#generation);
  }

  retryAfterMs(): number {
    const state = this.#state;
    if (state.kind === 'open') return Math.max(0, Math.ceil(state.until - this.#init.clock.monotonic()));
    if (state.kind === 'half-open' && state.trialInFlight) return this.#trialEstimateMs();
    return 0;
  }

  /** A verdict on an attempt of `generation`; each permit gives one. */
  settle(generation: number, verdict: Verdict): void {
    if (generation !== this.#generation) return;
    const state = this.#state;
    if (state.kind === 'half-open') this.#endTrial(state.reopenings, verdict);
    else if (verdict !== 'neutral') this.#count(verdict === 'failure');
  }

  shutdown(): void {
    this.#change(CLOSED);
  }

  #count(failed: boolean): void {
    const { options, clock } = this.#init;
    const now = clock.monotonic();
    this.#window ??= new OpossumWindow(options, now);
    const counts = this.#window.report(failed, now);
    if (counts !== undefined) this.#open(0, describe(counts, options.windowMs));
  }

  #startTrial(state: CircuitState): void {
    const reopenings = state.kind === 'open' || state.kind === 'half-open' ? state.reopenings : 0;
    const wasOpen = state.kind === 'open';
    this.#change({ kind: 'half-open', trialInFlight: true, reopenings });
    if (wasOpen) this.#watcher.circuitHalfOpened('its open time is over, one trial is let through');
  }

  #endTrial(reopenings: number, verdict: Verdict): void {
    if (verdict === 'neutral') {
      this.#change({ kind: 'half-open', trialInFlight: false, reopenings });
    } else if (verdict === 'failure') {
      this.#open(reopenings + 1, 'the trial failed');
    } else {
      this.#change(CLOSED);
      this.#watcher.circuitClosed('the trial succeeded');
    }
  }

  #open(reopenings: number, reason: string): void {
    const openMs = this.#openMs(reopenings) * this.#jitter(reopenings);
    this.#change({ kind: 'open', until: this.#init.clock.monotonic() + openMs, reopenings });
    this.#watcher.circuitOpened(reason, Math.ceil(openMs));
  }

  /** Clients that met the same outage must not come back together; the first time is as the options say. */
  #jitter(reopenings: number): number {
    return reopenings === 0 ? 1 : 1 + JITTER * (2 * this.#init.random() - 1);
  }

  /** Without jitter. */
  #openMs(reopenings: number): number {
    const { openMs, maxOpenMs } = this.#init.options;
    return Math.min(openMs * 2 ** reopenings, Math.max(openMs, maxOpenMs));
  }

  #trialEstimateMs(): number {
    return Math.min(TRIAL_ESTIMATE_MS, this.#openMs(0));
  }

  /** Every state starts with an empty window and without anybody's permits. */
  #change(state: CircuitState): void {
    this.#state = state;
    this.#generation++;
    this.#window?.shutdown();
    this.#window = undefined;
  }
}

class CircuitPermit implements Permit {
  readonly #circuit: CountingCircuit;
  readonly #generation: number;
  #settled = false;

  constructor(circuit: CountingCircuit, generation: number) {
    this.#circuit = circuit;
    this.#generation = generation;
  }

  success(): void {
    this.#settle('success');
  }

  failure(): void {
    this.#settle('failure');
  }

  neutral(): void {
    this.#settle('neutral');
  }

  #settle(verdict: Verdict): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#circuit.settle(this.#generation, verdict);
  }
}

function describe({ failures, completed }: WindowCounts, windowMs: number): string {
  return `${failures} of ${completed} attempts failed within ${windowMs} ms`;
}
