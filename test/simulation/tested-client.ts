import type { ServiceClient } from '../../src/index.ts';
import type { ResolvedOptions } from '../../src/options/resolved-options.ts';
import type { CallPlan, ClientPlan } from './scenario.ts';
import type { ClientClock } from './world/client-clock.ts';
import type { SimulatedTransport } from './world/simulated-transport.ts';

/** What rules a call, its own options merged over the client's. */
export interface CallRules {
  readonly maxAttempts: number;
  readonly resendable: boolean;
  readonly replayable: boolean;
  readonly maxResumes: number;
  readonly totalMs: number;
  readonly attemptMs: number;
}

const finite = (limit: number | false) => (limit === false ? Number.POSITIVE_INFINITY : limit);

/** A client, and what it was made of. */
export class TestedClient {
  readonly index: number;
  readonly plan: ClientPlan;
  readonly options: ResolvedOptions;
  readonly client: ServiceClient;
  readonly clock: ClientClock;
  readonly transport: SimulatedTransport;
  closing: { readonly at: number; readonly graceMs: number } | undefined;
  closedAt: number | undefined;

  constructor(parts: Pick<TestedClient, 'index' | 'plan' | 'options' | 'client' | 'clock' | 'transport'>) {
    this.index = parts.index;
    this.plan = parts.plan;
    this.options = parts.options;
    this.client = parts.client;
    this.clock = parts.clock;
    this.transport = parts.transport;
  }

  /** In-flight counts by endpoint, as the client tells them. */
  get inFlight(): ReadonlyMap<string, number> {
    return new Map(this.client.health().endpoints.map(({ url, inFlight }) => [url, inFlight]));
  }

  settingsOf(call: CallPlan): CallRules {
    const { retry, timeout } = this.options;
    // fetch has no options beyond those of the standard.
    const own: Partial<CallPlan> = call.via === 'fetch' ? {} : call;
    const clientsMost = retry === false ? 3 : retry.maxAttempts;
    const off = own.retry === false || (own.retry === undefined && retry === false);
    const methods = retry === false ? new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) : retry.methods;
    return {
      maxAttempts: off ? 1 : own.retry ? own.retry.maxAttempts : clientsMost,
      resendable: methods.has(call.method) || own.idempotent === true || own.idempotencyKey === true,
      replayable: call.body !== 'source' && call.body !== 'broken-source',
      maxResumes: call.via === 'stream' && call.method === 'GET' && !off ? (call.resume ?? 0) : 0,
      totalMs: finite(own.timeout?.totalMs ?? timeout.totalMs),
      attemptMs: finite(own.timeout?.attemptMs ?? timeout.attemptMs),
    };
  }
}
