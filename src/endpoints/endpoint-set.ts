import type { CircuitFactory } from '../breaker/circuit.ts';
import type { Permit } from '../breaker/permit.ts';
import { CircuitOpenError } from '../errors/circuit-open-error.ts';
import { NoEndpointError } from '../errors/no-endpoint-error.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { UnhealthyError } from '../errors/unhealthy-error.ts';
import type { ResolvedEndpoint, ResolvedOptions } from '../options/resolved-options.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Cancellation } from '../time/cancellation.ts';
import { chooseLoadBalancer } from './choose-load-balancer.ts';
import { Endpoint, type EndpointSurroundings } from './endpoint.ts';
import type { LoadBalancer } from './load-balancer.ts';

/** Where an attempt goes, and the leave to make it. The permit must be told how it went, or a trial never ends. */
export interface Picked {
  readonly endpoint: Endpoint;
  readonly permit: Permit;
}

/** What fills a set from outside. */
export interface EndpointSource {
  /** Resolves once the set is filled, `undefined` when it is already. */
  ready(cancellation: Cancellation): Promise<void> | undefined;
  stop(): void;
}

export interface EndpointSetInit {
  readonly options: Pick<
    ResolvedOptions,
    'name' | 'endpoints' | 'loadBalancing' | 'probe' | 'clock' | 'random'
  >;
  readonly events: EventSink;
  readonly circuits: CircuitFactory;
}

const NONE: ReadonlySet<Endpoint> = new Set();

/** The endpoints of a service, and the choice among them. */
export class EndpointSet {
  readonly #service: string;
  readonly #failFast: boolean;
  readonly #surroundings: EndpointSurroundings;
  readonly #balancer: LoadBalancer;
  #all: readonly Endpoint[];
  #source: EndpointSource | undefined;

  constructor({ options, events, circuits }: EndpointSetInit) {
    this.#service = options.name;
    this.#failFast = options.probe === false || options.probe.failFast;
    this.#surroundings = { clock: options.clock, events, circuits };
    this.#balancer = chooseLoadBalancer(options);
    this.#all = (options.endpoints ?? []).map(address => new Endpoint(address, this.#surroundings));
  }

  /** Every endpoint there is now; a change gives another list. */
  get all(): readonly Endpoint[] {
    return this.#all;
  }

  /** Lets `source` fill the set: calls wait for it, and it stops with the set. */
  follow(source: EndpointSource): void {
    this.#source = source;
  }

  /** Resolves once there are endpoints to pick from, `undefined` when there is nothing to wait for. */
  ready(cancellation: Cancellation): Promise<void> | undefined {
    return this.#source?.ready(cancellation);
  }

  /** Replaces the endpoints. One that stays, by its URL, keeps its circuit and what is known of it. */
  update(list: readonly ResolvedEndpoint[]): void {
    const before = new Map(this.#all.map(endpoint => [endpoint.url, endpoint]));
    const next = new Map<string, Endpoint>();
    for (const address of list) {
      const endpoint = before.get(address.url) ?? new Endpoint(address, this.#surroundings);
      endpoint.readdress(address);
      next.set(address.url, endpoint);
    }
    this.#all = [...next.values()];
    const { events } = this.#surroundings;
    for (const url of next.keys()) {
      if (!before.has(url)) events.emit('endpoint:added', { endpoint: url, reason: 'discovered' });
    }
    for (const [url, endpoint] of before) {
      if (next.has(url)) continue;
      endpoint.circuit.shutdown();
      events.emit('endpoint:removed', { endpoint: url, reason: 'no longer discovered' });
    }
  }

  /**
   * Chooses where an attempt goes and takes its permit, an endpoint outside `tried` if one is available.
   * @throws CircuitOpenError, UnhealthyError or NoEndpointError when there is none.
   */
  pick(tried: ReadonlySet<Endpoint>): Picked {
    const candidates = this.#candidates(tried);
    const alone = candidates.length === 1 && !this.#balancer.mayRefuse;
    const endpoint = alone ? candidates[0] : this.#balancer.choose(candidates);
    if (endpoint === undefined) throw new NoEndpointError({ service: this.#service });
    const permit = endpoint.circuit.acquire();
    // Only when the user's picker itself made a call that took the trial.
    if (permit === undefined) throw this.refusal();
    return { endpoint, permit };
  }

  /** Whether there are endpoints and a pick now would find none. */
  get refusesAll(): boolean {
    const mayPick = this.#failFast ? isUsable : isAdmitted;
    for (const endpoint of this.#all) if (mayPick(endpoint)) return false;
    return this.#all.length > 0;
  }

  /** Whether a pick now would find an endpoint outside `tried`. */
  hasOther(tried: ReadonlySet<Endpoint>): boolean {
    return this.retryObstacle(0, tried) === undefined;
  }

  /** What a pick after `delayMs` would fail with, as far as can be told; with `tried`, a pick of any other endpoint. */
  retryObstacle(
    delayMs: number,
    tried: ReadonlySet<Endpoint> = NONE,
  ): 'circuit-open' | 'no-endpoint' | undefined {
    let held = false;
    for (const endpoint of this.#all) {
      if (tried.has(endpoint)) continue;
      const retryAfterMs = endpoint.circuit.retryAfterMs();
      if (retryAfterMs <= delayMs && !this.#isRefusedByProbes(endpoint)) return undefined;
      held ||= retryAfterMs > 0;
    }
    return held ? 'circuit-open' : 'no-endpoint';
  }

  /** Stops what fills the set, and every circuit. */
  close(): void {
    this.#source?.stop();
    for (const { circuit } of this.#all) circuit.shutdown();
  }

  #candidates(tried: ReadonlySet<Endpoint>): readonly Endpoint[] {
    let usable = this.#all.every(isUsable) ? this.#all : this.#all.filter(isUsable);
    if (usable.length === 0 && !this.#failFast) usable = this.#all.filter(isAdmitted);
    if (usable.length === 0) throw this.refusal();
    if (tried.size === 0) return usable;
    const untried = usable.filter(endpoint => !tried.has(endpoint));
    return untried.length > 0 ? untried : usable;
  }

  #isRefusedByProbes(endpoint: Endpoint): boolean {
    return this.#failFast && endpoint.probedDown;
  }

  /** What a pick fails with when no endpoint may be picked. */
  refusal(): ServiceClientError {
    const service = this.#service;
    if (this.#all.length === 0) return new NoEndpointError({ service });
    let soonest = Number.POSITIVE_INFINITY;
    for (const { circuit } of this.#all) {
      const waitMs = circuit.retryAfterMs();
      if (waitMs > 0 && waitMs < soonest) soonest = waitMs;
    }
    const urls = this.#all.map(({ url }) => url);
    if (soonest === Number.POSITIVE_INFINITY) return new UnhealthyError({ service, endpoints: urls });
    return new CircuitOpenError({
      service,
      endpoint: urls.length === 1 ? urls[0] : undefined,
      retryAfterMs: soonest,
    });
  }
}

function isAdmitted(endpoint: Endpoint): boolean {
  return endpoint.circuit.retryAfterMs() === 0;
}

function isUsable(endpoint: Endpoint): boolean {
  return isAdmitted(endpoint) && !endpoint.probedDown;
}
