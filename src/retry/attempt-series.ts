import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EndpointSet } from '../endpoints/endpoint-set.ts';
import { CircuitOpenError } from '../errors/circuit-open-error.ts';
import type { ResolvedRetry } from '../options/resolved-options.ts';
import type { OpenAttemptRecord } from '../pipeline/call.ts';
import type { AttemptScope, CallScope } from '../pipeline/scopes.ts';
import type { Next } from '../pipeline/stage.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Clock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import { discardHeld } from '../transport/classify-reply.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { AttemptRecord, RetryDecision, RetryRefusal } from './attempt-record.ts';
import type { RetryBudget } from './retry-budget.ts';
import { decideRetry, type RetryVerdict } from './retry-decision.ts';

/** What the retry stage is built from. */
export interface RetryParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: EventSink;
  readonly endpoints: EndpointSet;
  readonly budget: RetryBudget | undefined;
  readonly hasAuth: boolean;
}

const NONE: ReadonlySet<Endpoint> = new Set();

/** An interceptor or the auth function threw: not the service's failure, and no other attempt would mend it. */
const HOOK_FAILED: RetryVerdict = { decision: { refused: 'not-retryable' } };

/** The attempts of one call: what failed so far, where, and what the next one must know. */
export class AttemptSeries {
  readonly scope: CallScope;
  /** What the call fails with if no further attempt is made: the error of its last attempt. */
  failure: unknown;
  readonly #parts: RetryParts;
  #number = 0;
  #counted = 0;
  #tried: ReadonlySet<Endpoint> = NONE;
  #freshConnection = false;
  #refreshAuth = false;
  #over = false;
  #staleReplaced = false;
  #authRefreshed = false;
  /** Set once the body has been handed over and broke: what every further attempt asks for. */
  #rest: Readonly<Record<string, string>> | undefined;

  constructor(parts: RetryParts, scope: CallScope) {
    this.#parts = parts;
    this.scope = scope;
  }

  /** Makes one attempt and keeps its failure. One that found no endpoint ends the call with the failure before it. */
  attempt(next: Next<AttemptScope, ReceivedReply>): Promise<ReceivedReply> {
    const before = this.scope.call.log.length;
    const failed = (error: unknown) => this.#failed(error, before);
    try {
      return next(this.#nextScope()).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #failed(error: unknown, before: number): Promise<never> {
    const { log, cancellation } = this.scope.call;
    this.#over = log.length === before;
    if (!this.#over || before === 0 || cancellation.cancelled) this.failure = error;
    else this.#refuse(error instanceof CircuitOpenError ? 'circuit-open' : 'no-endpoint');
    return Promise.reject(error);
  }

  /** The body handed over broke: the next attempt asks for its rest. From now on `maxResumes` alone counts attempts. */
  takeUp(error: unknown, rest: Readonly<Record<string, string>>): void {
    if (this.#rest === undefined) this.#counted = 0;
    this.#rest = rest;
    this.#over = false;
    this.failure = error;
  }

  /** The body handed over broke, and nothing can be done about it. A refusal that says why already stands. */
  committed(error: unknown): void {
    const { cancellation, log } = this.scope.call;
    if (cancellation.cancelled || log.at(-1)?.retry !== undefined) return;
    this.failure = error;
    this.#refuse('committed');
  }

  /** Decides about the failure just seen; waits when the answer is yes. */
  async decideAndWait(): Promise<boolean> {
    const { call } = this.scope;
    const record = call.log.at(-1);
    // The call's own deadline refuses a resend like anything else; after an abort nobody asks.
    if (this.#over || call.aborted || record === undefined) return false;
    const { decision, free } = call.owns(this.failure) ? this.#decide(record) : HOOK_FAILED;
    this.#note(record, decision);
    if ('refused' in decision) return false;
    discardHeld(this.failure);
    this.#freshConnection = free === 'stale-connection';
    this.#refreshAuth = free === 'auth';
    if (decision.delayMs > 0) await wait(decision.delayMs, this.#parts.clock, call.cancellation);
    return true;
  }

  #nextScope(): AttemptScope {
    this.#number++;
    const attempt = {
      number: this.#number,
      tried: this.#tried,
      freshConnection: this.#freshConnection,
      refreshAuth: this.#refreshAuth,
      mayRefreshAuth: this.#mayRefreshAuth,
    };
    const { call, request } = this.scope;
    if (this.#rest === undefined) return { call, request, attempt };
    const headers = { ...request.headers, ...this.#rest };
    return { call, request: { ...request, headers }, attempt };
  }

  /** Credentials are refreshed once per call, for a body that can be sent again. */
  get #mayRefreshAuth(): boolean {
    return this.#parts.hasAuth && !this.#authRefreshed && this.scope.request.body.kind !== 'one-shot';
  }

  get #rules(): ResolvedRetry | false {
    const { settings, maxResumes } = this.scope.request;
    const { retry } = settings;
    return this.#rest === undefined || retry === false ? retry : { ...retry, maxAttempts: maxResumes + 1 };
  }

  #decide(record: AttemptRecord): RetryVerdict {
    const { parts, request, call } = { parts: this.#parts, ...this.scope };
    const tried = this.#triedWith(record.endpoint, this.#tried);
    const hasOtherEndpoint = parts.endpoints.hasOther(tried);
    const verdict = decideRetry({
      error: this.failure,
      retry: this.#rules,
      resendable: request.resendable,
      replayable: request.body.kind !== 'one-shot',
      attempt: record.number,
      attemptsCounted: this.#counted + 1,
      freeReplacementUsed: this.#staleReplaced,
      authRefresh: this.#mayRefreshAuth,
      remainingMs: call.deadline.remainingMs,
      budget: parts.budget,
      nowMs: parts.clock.now(),
      random: parts.random,
      hasOtherEndpoint,
      obstacle: delayMs => parts.endpoints.retryObstacle(delayMs),
      method: request.method,
      route: request.route,
      service: call.service,
    });
    if (verdict.free === 'stale-connection') this.#staleReplaced = true;
    else if (verdict.free === 'auth') this.#authRefreshed = true;
    else {
      this.#counted++;
      // When it has failed everywhere, at least not where it failed last.
      this.#tried = hasOtherEndpoint ? tried : this.#triedWith(record.endpoint, NONE);
    }
    return verdict;
  }

  /** Where the call has failed, that endpoint included: the next attempt rather goes elsewhere. */
  #triedWith(url: string, before: ReadonlySet<Endpoint>): ReadonlySet<Endpoint> {
    const endpoint = this.#parts.endpoints.all.find(candidate => candidate.url === url);
    return endpoint === undefined ? before : new Set(before).add(endpoint);
  }

  #refuse(refused: RetryRefusal): void {
    const record = this.scope.call.log.at(-1);
    if (record !== undefined) this.#note(record, { refused });
  }

  #note(record: OpenAttemptRecord, decision: RetryDecision): void {
    record.retry = decision;
    const { events } = this.#parts;
    const name = 'refused' in decision ? 'retry:refused' : 'retry:scheduled';
    if (!events.wants(name)) return;
    const reason = this.scope.call.reasonOf(this.failure);
    const { number: attempt, endpoint } = record;
    const labels = { ...this.scope.call.labels, attempt, endpoint, reason };
    if ('refused' in decision) events.emit('retry:refused', { ...labels, ...decision });
    else events.emit('retry:scheduled', { ...labels, ...decision });
  }
}
