import { AsyncLocalStorage } from 'node:async_hooks';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointSet } from '../endpoints/endpoint-set.ts';
import { ClientClosedError } from '../errors/client-closed-error.ts';
import type { ResolvedOptions, ResolvedProbe } from '../options/resolved-options.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { cancellable } from '../time/cancellable.ts';
import { Cancellation } from '../time/cancellation.ts';
import { ChildCancellation } from '../time/child-cancellation.ts';
import type { Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';
import { isWrongPath, probeEndpoint, type SendProbe } from './probe-endpoint.ts';
import { type ProbeOutcome, ProbeState } from './probe-state.ts';

export interface ProberInit {
  readonly options: Pick<ResolvedOptions, 'name' | 'probe' | 'clock' | 'random'>;
  /** What `probeNow` asks for while `probe` is `false`. */
  readonly defaults: Pick<ResolvedProbe, 'path' | 'timeoutMs'>;
  readonly endpoints: Pick<EndpointSet, 'all' | 'ready'>;
  readonly events: EventSink;
  readonly send: SendProbe;
}

/** Each round comes up to this share of the interval early, so that clients started together do not probe together for ever. */
const JITTER = 0.1;

/** Probes belong to the client, not to whichever call happened to make it. */
const outsideAnyCall = AsyncLocalStorage.snapshot();

const ignore = () => undefined;

/** Probes the endpoints, in rounds and when asked to, and tells each what it found. */
export class Prober {
  readonly #init: ProberInit;
  readonly #stopped = new Cancellation();
  readonly #running = new Map<Endpoint, Promise<ProbeOutcome>>();
  readonly #warned = new WeakSet<Endpoint>();
  #timer: Timer | undefined;

  constructor(init: ProberInit) {
    this.#init = init;
  }

  /** Starts the rounds if `probe` is on, the first as soon as the event loop comes round. Never keeps the process alive. */
  start(): void {
    const { probe } = this.#init.options;
    if (probe === false || this.#timer !== undefined || this.#stopped.cancelled) return;
    outsideAnyCall(() => this.#schedule(probe, 0));
  }

  /**
   * Probes every endpoint now, joining a probe under way, and resolves to what was found.
   * While `probe` is `false` nothing is kept of it.
   */
  probeNow(): Promise<ReadonlyMap<Endpoint, ProbeOutcome>> {
    return this.#round(false);
  }

  /** Gives up probes under way; there is none afterwards. */
  stop(): void {
    this.#timer?.clear();
    this.#stopped.cancel(new ClientClosedError({ service: this.#init.options.name }));
  }

  #schedule(probe: ResolvedProbe, delayMs: number): void {
    const { clock, random } = this.#init.options;
    this.#timer = clock.setTimeout(() => {
      this.#schedule(probe, probe.intervalMs * (1 - JITTER * random()));
      this.#round(true).catch(ignore);
    }, delayMs);
    this.#timer.unref?.();
  }

  async #round(background: boolean): Promise<ReadonlyMap<Endpoint, ProbeOutcome>> {
    this.#stopped.throwIfCancelled();
    await this.#discovered(background);
    const probes = this.#init.endpoints.all.map(
      async endpoint => [endpoint, await this.#probe(endpoint, background)] as const,
    );
    return new Map(await Promise.all(probes));
  }

  /** Waits for discovery no longer than for an answer: without endpoints there is nothing to probe. */
  async #discovered(background: boolean): Promise<void> {
    const { options, endpoints } = this.#init;
    const cancellation = new ChildCancellation(this.#stopped);
    const ready = endpoints.ready(cancellation);
    if (ready !== undefined) {
      const limit = startLimit(options.clock, this.#target.timeoutMs, () => cancellation.cancel(undefined));
      if (background) limit.unref?.();
      await cancellable(ready, cancellation).catch(ignore);
      limit.clear();
    }
    cancellation.detach();
    this.#stopped.throwIfCancelled();
  }

  #probe(endpoint: Endpoint, background: boolean): Promise<ProbeOutcome> {
    const underWay = this.#running.get(endpoint);
    if (underWay !== undefined) return underWay;
    const probe = this.#probeOnce(endpoint, background).finally(() => this.#running.delete(endpoint));
    this.#running.set(endpoint, probe);
    return probe;
  }

  async #probeOnce(endpoint: Endpoint, background: boolean): Promise<ProbeOutcome> {
    const { options, send } = this.#init;
    const { path, timeoutMs } = this.#target;
    const outcome = await probeEndpoint({
      service: options.name,
      endpoint,
      path,
      timeoutMs,
      clock: options.clock,
      send,
      background,
      stopped: this.#stopped,
    });
    const { probe } = options;
    // It may have been removed meanwhile: nobody wants to hear of it then.
    if (!this.#init.endpoints.all.includes(endpoint)) return outcome;
    this.#tell(endpoint, outcome);
    if (probe !== false) keep(endpoint, outcome, probe);
    return outcome;
  }

  #tell(endpoint: Endpoint, outcome: ProbeOutcome): void {
    if (isWrongPath(outcome)) {
      // It will be as wrong in every round: saying so once is enough.
      if (this.#warned.has(endpoint)) return;
      this.#warned.add(endpoint);
    }
    const { ok, durationMs, status, error } = outcome.record;
    const { code } = outcome;
    const fields = {
      endpoint: endpoint.url,
      durationMs,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      reason: error ?? `answered ${status}`,
    };
    this.#init.events.emit(ok ? 'probe:success' : 'probe:failure', fields);
  }

  get #target(): Pick<ResolvedProbe, 'path' | 'timeoutMs'> {
    const { options, defaults } = this.#init;
    return options.probe === false ? defaults : options.probe;
  }
}

function keep(endpoint: Endpoint, { record, result }: ProbeOutcome, probe: ResolvedProbe): void {
  endpoint.probes ??= new ProbeState(probe);
  endpoint.probes.last = record;
  if (result === 'inconclusive') return;
  if (result === 'passed') endpoint.seedLatency(record.durationMs);
  const change = endpoint.probes.count(result === 'passed');
  if (change !== undefined) endpoint.announce(change);
}
