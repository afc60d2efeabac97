import type { Permit } from '../breaker/permit.ts';
import { errorCode } from '../errors/error-code.ts';
import { StatusError } from '../errors/status-error.ts';
import type { Call, OpenAttemptRecord } from '../pipeline/call.ts';
import type { AttemptScope, DispatchScope } from '../pipeline/scopes.ts';
import type { Next, Stage } from '../pipeline/stage.ts';
import { resolveUrl } from '../request/request-url.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { ChildCancellation } from '../time/child-cancellation.ts';
import { RunningAttemptTime } from '../transport/attempt-time.ts';
import { heldReply } from '../transport/classify-reply.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointSet, Picked } from './endpoint-set.ts';

/** Chooses where the attempt goes, and keeps the attempt's books: its log line, its events, the endpoint's load. */
export function pickEndpoint(
  endpoints: EndpointSet,
  events: EventSink,
  pathPrefix = '',
): Stage<AttemptScope, ReceivedReply, DispatchScope> {
  const attemptAt = (scope: AttemptScope, next: Next<DispatchScope, ReceivedReply>) => {
    const { call, request, attempt } = scope;
    call.deadline.check();
    call.cancellation.throwIfCancelled();
    const picked = endpoints.pick(attempt.tried);
    const { endpoint } = picked;
    const cancellation = new ChildCancellation(call.cancellation);
    const books = new AttemptBooks(call, attempt.number, picked, events);
    const dispatch: DispatchScope = {
      call,
      request,
      attempt,
      endpoint,
      permit: books,
      cancellation,
      method: request.method,
      url: resolveUrl(endpoint.url + pathPrefix, request.path),
      headers: request.headers,
      dropBody: false,
      time: new RunningAttemptTime(call, endpoint.url, cancellation),
    };
    const answered = (reply: ReceivedReply) => {
      books.answered(reply.status);
      if (reply.bytes !== undefined) cancellation.detach();
      else reply.whenEnded(() => cancellation.detach());
      return reply;
    };
    const failed = (error: unknown) => {
      const held = heldReply(error);
      if (held === undefined) {
        cancellation.detach();
        // What an interceptor may have left under way ends with the attempt.
        cancellation.cancel(error);
      } else held.whenEnded(() => cancellation.detach());
      books.failed(error);
      throw error;
    };
    return next(dispatch).then(answered, failed);
  };

  return (scope, next) => {
    const known = endpoints.ready(scope.call.cancellation);
    return known === undefined ? attemptAt(scope, next) : known.then(() => attemptAt(scope, next));
  };
}

/** One attempt's line in the log, its events and its load on the endpoint, which ends with the verdict on it. */
class AttemptBooks implements Permit {
  readonly #call: Call;
  readonly #endpoint: Endpoint;
  readonly #permit: Permit;
  readonly #events: EventSink;
  readonly #record: OpenAttemptRecord;
  readonly #startedAt: number;

  #closed = false;
  #settled = false;

  constructor(call: Call, number: number, { endpoint, permit }: Picked, events: EventSink) {
    this.#call = call;
    this.#endpoint = endpoint;
    this.#permit = permit;
    this.#events = events;
    this.#startedAt = call.clock.monotonic();
    this.#record = { number, endpoint: endpoint.url, durationMs: 0, outcome: 'error' };
    call.log.push(this.#record);
    endpoint.begin();
    if (events.wants('attempt:start')) {
      events.emit('attempt:start', { ...call.labels, attempt: number, endpoint: endpoint.url });
    }
  }

  answered(status: number): void {
    this.#close({ outcome: 'response', status });
    // A long body must not keep a new endpoint without a latency to go by.
    if (status < 500) this.#endpoint.seedLatency(this.#record.durationMs);
  }

  failed(error: unknown): void {
    const call = this.#call;
    const code = errorCode(error);
    const status = error instanceof StatusError && call.owns(error) ? error.status : undefined;
    const aborted = call.wasAborted(error);
    this.#close(
      {
        outcome: aborted ? 'aborted' : status === undefined ? 'error' : 'response',
        ...(status !== undefined && { status }),
        ...(code !== undefined && { code }),
      },
      aborted ? undefined : call.reasonOf(error),
    );
    this.neutral();
  }

  success(): void {
    if (this.#settle('success')) this.#endpoint.end(this.#untilHead, false);
  }

  failure(): void {
    if (this.#settle('failure')) this.#endpoint.end(this.#untilHead, true);
  }

  neutral(): void {
    if (this.#settle('neutral')) this.#endpoint.end(undefined, false);
  }

  /** The first verdict counts. A circuit that closes forgets latencies: this attempt's is the first of the new time. */
  #settle(verdict: keyof Permit): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#permit[verdict]();
    return true;
  }

  /** To the response head of a stream, whose reader sets the pace of the rest; else to the end. */
  get #untilHead(): number {
    return this.#closed ? this.#record.durationMs : this.#call.clock.monotonic() - this.#startedAt;
  }

  #close(end: Pick<OpenAttemptRecord, 'outcome' | 'status' | 'code'>, reason?: string): void {
    const record = Object.assign(this.#record, end);
    record.durationMs = this.#call.clock.monotonic() - this.#startedAt;
    this.#closed = true;
    const events = this.#events;
    if (!events.wants('attempt:end')) return;
    const { number, endpoint, durationMs, outcome, status, code } = record;
    events.emit('attempt:end', {
      ...this.#call.labels,
      attempt: number,
      endpoint,
      durationMs,
      outcome,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(reason !== undefined && { reason }),
    });
  }
}
