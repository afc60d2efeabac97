import type { Circuit, CircuitFactory, CircuitWatcher } from '../breaker/circuit.ts';
import type { ResolvedEndpoint } from '../options/resolved-options.ts';
import type { ProbeState } from '../probe/probe-state.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Clock } from '../time/clock.ts';
import { PeakEwma } from './peak-ewma.ts';

/**
 * What a failed attempt counts as at least, and at most by doubling. A refusal comes back in a millisecond, and without
 * a penalty the endpoint that refuses would look like the fastest of all and get every call.
 */
const FAILURE_FLOOR_MS = 1_000;
const FAILURE_CEILING_MS = 30_000;

/** What all endpoints of a client share. */
export interface EndpointSurroundings {
  readonly clock: Clock;
  readonly events: EventSink;
  readonly circuits: CircuitFactory;
}

/** One origin of the service: its address, its load, and what is known of its health. */
export class Endpoint implements CircuitWatcher {
  readonly url: string;
  readonly circuit: Circuit;
  /** What probes found; absent until there is a probe that counts. */
  probes: ProbeState | undefined;
  readonly #surroundings: EndpointSurroundings;
  readonly #latency = new PeakEwma();
  #address: ResolvedEndpoint;
  #inFlight = 0;
  #answered = false;
  #announcedAvailable = true;

  constructor(address: ResolvedEndpoint, surroundings: EndpointSurroundings) {
    this.url = address.url;
    this.#address = address;
    this.#surroundings = surroundings;
    this.circuit = surroundings.circuits(this);
  }

  get weight(): number {
    return this.#address.weight;
  }

  /** Name for TLS, where it is not the URL's host. */
  get serverName(): string | undefined {
    return this.#address.serverName;
  }

  /** `Host` header, where it is not the URL's host. */
  get hostHeader(): string | undefined {
    return this.#address.hostHeader;
  }

  /** Attempts on the wire now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether an attempt has ever been answered without a failure. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Whether there is a latency to go by. */
  get hasHistory(): boolean {
    return this.#latency.known;
  }

  /** Peak-EWMA in milliseconds, decayed to now. */
  get latencyMs(): number | undefined {
    return this.#latency.known ? this.#latency.at(this.#surroundings.clock.monotonic()) : undefined;
  }

  /** Peak-EWMA in milliseconds as of the last answer: what people want to read, where the picker wants it decayed. */
  get lastLatencyMs(): number | undefined {
    return this.#latency.known ? this.#latency.latest : undefined;
  }

  /** Probes say that it is down. */
  get probedDown(): boolean {
    return this.probes?.verdict === 'down';
  }

  /** The circuit lets everything through and probes do not say down. */
  get available(): boolean {
    const { kind } = this.circuit.state;
    return (kind === 'closed' || kind === 'disabled') && !this.probedDown;
  }

  /** Takes new weight and TLS details over; the state stays. */
  readdress(address: ResolvedEndpoint): void {
    this.#address = address;
  }

  /** An attempt starts. */
  begin(): void {
    this.#inFlight++;
  }

  /** An attempt is over. `durationMs` is `undefined` when it says nothing about the endpoint, such as after an abort. */
  end(durationMs: number | undefined, failed: boolean): void {
    this.#inFlight--;
    if (durationMs === undefined) return;
    if (failed) {
      const penalty = Math.min(2 * this.#latency.latest, FAILURE_CEILING_MS);
      this.#observe(Math.max(durationMs, penalty, FAILURE_FLOOR_MS));
    } else {
      this.#answered = true;
      this.#observe(durationMs);
    }
  }

  /** A latency measured by other means than an attempt; used only while there is no history. */
  seedLatency(latencyMs: number): void {
    if (!this.#latency.known) this.#observe(latencyMs);
  }

  circuitOpened(reason: string, retryAfterMs: number): void {
    this.#surroundings.events.emit('circuit:open', { endpoint: this.url, reason, retryAfterMs });
    this.announce(`its circuit opened: ${reason}`);
  }

  circuitHalfOpened(reason: string): void {
    this.#surroundings.events.emit('circuit:half-open', { endpoint: this.url, reason });
  }

  circuitClosed(reason: string): void {
    // How slow it was while it failed says nothing about it now.
    this.#latency.forget();
    this.#surroundings.events.emit('circuit:close', { endpoint: this.url, reason });
    this.announce('its circuit closed');
  }

  /** Tells of a change of availability, if there is one. */
  announce(reason: string): void {
    const { available } = this;
    if (available === this.#announcedAvailable) return;
    this.#announcedAvailable = available;
    const name = available ? 'endpoint:available' : 'endpoint:unavailable';
    this.#surroundings.events.emit(name, { endpoint: this.url, reason });
  }

  #observe(latencyMs: number): void {
    this.#latency.observe(latencyMs, this.#surroundings.clock.monotonic());
  }
}
