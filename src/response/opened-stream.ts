import type { Readable } from 'node:stream';
import { errorCode } from '../errors/error-code.ts';
import type { Call } from '../pipeline/call.ts';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { bytesPerSecond } from '../time/throughput.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { BodyEnd, BodyFlow, BodySink, ChunkListener, ResponseHeaders } from '../transport/transport.ts';
import { streamProgress } from './stream-progress.ts';
import {
  type BodyBooks,
  type FreshResponse,
  rememberBody,
  type StreamCompletion,
  type StreamResponse,
} from './stream-response.ts';

/**
 * An answer whose body is still to come. It is read once: by whom `body` is handed to, or without a stream between by `flow`.
 * `stream:progress` tells how far the body is, `completed` and `stream:end` how it ended.
 */
export class OpenedStream implements FreshResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly endpoint: string;
  readonly service: string;
  readonly attempts: readonly AttemptRecord[];
  readonly books: BodyBooks;
  readonly #call: Call;
  readonly #reply: ReceivedReply;
  readonly #events: EventSink;
  readonly #headAt: number;
  #body: Readable | undefined;
  #completed: PromiseWithResolvers<StreamCompletion> | undefined;
  #outcome: { readonly completion: StreamCompletion; readonly error: unknown } | undefined;
  /** The call ended while the reader had not taken what the transport was done with. */
  #cutOff: { readonly error: unknown } | undefined;

  constructor(call: Call, endpoint: string, reply: ReceivedReply, events: EventSink) {
    this.status = reply.status;
    this.headers = reply.headers;
    this.endpoint = endpoint;
    this.service = call.service;
    this.attempts = call.log;
    this.books = reply.body;
    this.#call = call;
    this.#reply = reply;
    this.#events = events;
    this.#headAt = call.clock.monotonic();
    call.bodyOpened();
    reply.whenEnded(end => this.#onEnd(end));
  }

  get url(): string {
    return this.#reply.url;
  }

  get body(): Readable {
    if (this.#body === undefined) {
      this.#body = this.#reply.stream(this.#onChunk());
      if (this.#outcome === undefined) this.#call.cancellation.onCancel(this.#onCancel);
    }
    return this.#body;
  }

  get completed(): Promise<StreamCompletion> {
    if (this.#completed === undefined) {
      this.#completed = Promise.withResolvers();
      // The body itself throws the same error: nobody has to look here.
      this.#completed.promise.catch(() => {});
      this.#settle();
    }
    return this.#completed.promise;
  }

  flow(sink: BodySink): BodyFlow {
    return this.#reply.flow(sink, this.#onChunk());
  }

  /** The same for everybody: an object that can be looked at and copied. */
  plain(): StreamResponse {
    const { status, headers, body, url, endpoint, service, attempts, completed } = this;
    const response = { status, headers, body, url, endpoint, service, attempts, completed };
    rememberBody(response, this.books);
    return response;
  }

  #onChunk(): ChunkListener {
    return streamProgress(this.#call, this.#headAt, this.#events);
  }

  readonly #onCancel = (error: unknown): void => {
    const body = this.#body;
    if (body === undefined || body.destroyed) return;
    this.#cutOff = { error };
    body.destroy(error as Error);
  };

  #onEnd(bodyEnd: BodyEnd): void {
    const call = this.#call;
    if (this.#body !== undefined) call.cancellation.offCancel(this.#onCancel);
    const end =
      this.#cutOff === undefined ? bodyEnd : { bytes: bodyEnd.bytes, abandoned: false, ...this.#cutOff };
    const completion = this.#complete(end);
    this.#outcome = { completion, error: end.error };
    this.#tellEnd(end, completion);
    call.bodyEnded();
    this.#settle();
  }

  #settle(): void {
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    if (outcome.error === undefined) this.#completed?.resolve(outcome.completion);
    else this.#completed?.reject(outcome.error);
  }

  #complete({ bytes, abandoned }: BodyEnd): StreamCompletion {
    const { clock, durationMs } = this.#call;
    return {
      bytes,
      durationMs,
      bytesPerSecond: bytesPerSecond(bytes, clock.monotonic() - this.#headAt),
      resumes: this.books.resumes ?? 0,
      ...(abandoned && { aborted: true as const }),
    };
  }

  #tellEnd(end: BodyEnd, completion: StreamCompletion): void {
    const events = this.#events;
    if (!events.wants('stream:end')) return;
    const call = this.#call;
    const { bytes, durationMs, bytesPerSecond, resumes } = completion;
    // A body that was taken up again may have ended somewhere else than it began.
    const last = call.log.at(-1);
    const code = errorCode(end.error);
    const aborted = end.abandoned || (end.error !== undefined && call.wasAborted(end.error));
    events.emit('stream:end', {
      ...call.labels,
      attempt: last?.number ?? 0,
      endpoint: last?.endpoint ?? this.endpoint,
      bytes,
      durationMs,
      bytesPerSecond,
      resumes,
      outcome: aborted ? 'aborted' : end.error === undefined ? 'success' : 'failure',
      ...(code !== undefined && { code }),
    });
  }
}
