import { errorCode } from '../errors/error-code.ts';
import type { Call, OpenAttemptRecord } from '../pipeline/call.ts';
import type { AttemptScope, DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import { resolveUrl } from '../request/request-url.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { childCancellation } from '../time/child-cancellation.ts';
import { RunningAttemptTime } from '../transport/attempt-time.ts';
import { heldReply } from '../transport/classify-reply.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointSet } from './endpoint-set.ts';

/** Chooses where the attempt goes, and keeps the attempt's books: its log line, its events, the endpoint's load. */
export function pickEndpoint(
  endpoints: EndpointSet,
  events: EventSink,
): Stage<AttemptScope, ReceivedReply, DispatchScope> {
  return async (scope, next) => {
    const { call, request, attempt } = scope;
    const known = endpoints.ready(call.cancellation);
    if (known !== undefined) await known;
    call.cancellation.throwIfCancelled();
    const { endpoint, permit } = endpoints.pick(attempt.tried);
    const { cancellation, detach } = childCancellation(call.cancellation);
    const books = new AttemptBooks(call, attempt.number, endpoint, events);
    try {
      const reply = await next({
        ...scope,
        endpoint,
        permit,
        cancellation,
        method: request.method,
        url: resolveUrl(endpoint.url, request.path),
        headers: request.headers,
        dropBody: false,
        time: new RunningAttemptTime(call, endpoint.url, cancellation),
      });
      books.answered(reply.status);
      if (reply.bytes !== undefined) {
        detach();
        books.leave(false);
      } else {
        reply.whenEnded(({ error }) => {
          detach();
          books.leave(error !== undefined && !call.wasAborted(error));
        });
      }
      return reply;
    } catch (error) {
      const held = heldReply(error);
      if (held === undefined) detach();
      else held.whenEnded(detach);
      books.failed(error);
      throw error;
    }
  };
}

class AttemptBooks {
  readonly #call: Call;
  readonly #endpoint: Endpoint;
  readonly #events: EventSink;
  readonly #record: OpenAttemptRecord;
  readonly #startedAt: number;

  constructor(call: Call, number: number, endpoint: Endpoint, events: EventSink) {
    this.#call = call;
    this.#endpoint = endpoint;
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
  }

  failed(error: unknown): void {
    const call = this.#call;
    const aborted = call.wasAborted(error);
    const status = (error as { status?: unknown } | undefined)?.status;
    const code = errorCode(error);
    this.#close(
      {
        outcome: aborted ? 'aborted' : code === 'ERR_STATUS' ? 'response' : 'error',
        ...(code === 'ERR_STATUS' && typeof status === 'number' && { status }),
        ...(code !== undefined && { code }),
      },
      error,
    );
    this.#endpoint.end(aborted ? undefined : this.#record.durationMs, !aborted);
  }

  /** The attempt no longer loads the endpoint. */
  leave(failed: boolean): void {
    this.#endpoint.end(this.#record.durationMs, failed);
  }

  #close(end: Pick<OpenAttemptRecord, 'outcome' | 'status' | 'code'>, error?: unknown): void {
    const record = Object.assign(this.#record, end);
    record.durationMs = this.#call.clock.monotonic() - this.#startedAt;
    const events = this.#events;
    if (!events.wants('attempt:end')) return;
    const { number, endpoint, durationMs, outcome, status, code } = record;
    const reason = code !== undefined && error instanceof Error ? error.message : undefined;
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
