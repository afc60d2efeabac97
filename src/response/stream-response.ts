import type { Readable } from 'node:stream';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import { readableFlow } from '../transport/readable-flow.ts';
import type { BodyFlow, BodySink, ReplyBody, ResponseHeaders } from '../transport/transport.ts';

/** How a streamed body ended well, or was given up by its reader. */
export interface StreamCompletion {
  /** Bytes handed to the reader. */
  readonly bytes: number;
  /** From the call's start to the body's end, in milliseconds. */
  readonly durationMs: number;
  /** Throughput from the response head to the body's end. */
  readonly bytesPerSecond: number;
  /** Times a broken body was resumed. */
  readonly resumes: number;
  /** Set when the reader destroyed the body before its end. */
  readonly aborted?: true;
}

/** A response whose body is read as it arrives. */
export interface StreamResponse {
  readonly status: number;
  /** Lower-case names; `set-cookie` is an array. */
  readonly headers: ResponseHeaders;
  /** The body, with backpressure. Read it to its end or destroy it: until then it holds a connection and a bulkhead slot. */
  readonly body: Readable;
  /** The URL that answered, without its query's values being logged anywhere. */
  readonly url: string;
  /** The endpoint that answered: origin plus base path. A resumed body may go on at another one. */
  readonly endpoint: string;
  /** The client's name. */
  readonly service: string;
  /** The decision log up to the response head; it grows when the body breaks, and with every resume. */
  readonly attempts: readonly AttemptRecord[];
  /** Settles when the body has ended; rejects with the body's error. Never an unhandled rejection. */
  readonly completed: Promise<StreamCompletion>;
}

/** What of a body its reader does not see. */
export type BodyBooks = Pick<ReplyBody, 'trailers' | 'resumes'>;

/** A response that nobody has looked at yet. */
export interface FreshResponse extends StreamResponse {
  readonly books: BodyBooks;
  /** Lays the body's way into a sink; `body` is then not to be asked for. */
  flow(sink: BodySink): BodyFlow;
}

type SomeResponse = StreamResponse & Partial<FreshResponse>;

/** By `completed`, which a copy of the response still has. */
const bodies = new WeakMap<StreamResponse['completed'], BodyBooks>();

/** Remembers a response's body as the transport gave it. */
export function rememberBody(response: StreamResponse, body: BodyBooks): void {
  bodies.set(response.completed, body);
}

/** Lays the way of a response's body into a sink, with no stream between if nobody has one of it yet. */
export function flowOf(response: SomeResponse, sink: BodySink): BodyFlow {
  return response.flow === undefined ? readableFlow(response.body, sink) : response.flow(sink);
}

/** Trailers of a response whose body has ended. */
export function trailersOf(response: StreamResponse): ResponseHeaders | undefined {
  return booksOf(response)?.trailers();
}

/** Times a response's body was taken up again, so far: unlike `completed`, also of one that failed. */
export function resumesOf(response: StreamResponse): number {
  return booksOf(response)?.resumes ?? 0;
}

function booksOf(response: SomeResponse): BodyBooks | undefined {
  return response.books ?? bodies.get(response.completed);
}
