import type { Readable } from 'node:stream';
import type { Limit } from '../options/resolved-options.ts';
import type { RequestBody } from '../request/request-body.ts';
import type { Cancellation } from '../time/cancellation.ts';
import type { Clock } from '../time/clock.ts';
import type { PoolSettings } from './agents.ts';
import type { TlsSource } from './tls-connections.ts';

export type ResponseHeaders = Readonly<Record<string, string | string[]>>;

/** One request for the wire. */
export interface TransportRequest {
  readonly service: string;
  /** The endpoint as it is printed. */
  readonly endpoint: string;
  readonly method: string;
  /** Absolute, already checked to lie on the endpoint's origin. */
  readonly url: string;
  /** Lower-case names; values checked. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: RequestBody;
  /** Name for TLS SNI and verification, where it is not the URL's host. */
  readonly serverName: string | undefined;
  readonly connectMs: Limit;
  readonly idleMs: Limit;
  /** `false` hands over the bytes as they came. */
  readonly decompress: boolean;
  /** Send on a connection of its own, since a pooled one turned out stale. */
  readonly freshConnection: boolean;
  readonly cancellation: Cancellation;
  /** The request has a connected socket: the attempt's time starts. */
  onSocket(): void;
  /** A streamed request body has started to be sent: the attempt's and the call's time stand still. */
  onUploadStart(): void;
  /** The whole request is on its way: time runs (again). */
  onUploadEnd(): void;
  /** Wants to hear of interim answers (1xx), which may come until the reply does. */
  readonly onInformation?: ((information: Information) => void) | undefined;
}

/** What an upstream says before its reply, such as 103 Early Hints. */
export interface Information {
  readonly status: number;
  readonly headers: ResponseHeaders;
}

/**
 * What comes back: head and body. A body that is not wanted must be given back with `discard()`.
 * The body is a stream of buffers as it arrives; `buffer-body` makes it whole.
 */
export interface Reply {
  readonly status: number;
  /** Lower-case names; `set-cookie` is an array. */
  readonly headers: ResponseHeaders;
  readonly body: ReplyBody;
  /** The whole body, where it has been read already: what an interceptor sees of a buffered call, or answers by itself. */
  readonly bytes?: Uint8Array | undefined;
}

/** A reply's body before anybody decided how to read it. One of `bytes`, `stream`, `flow` and `discard` is called, once. */
export interface ReplyBody {
  /** Its bytes are those of the wire, nothing decoded or replaced: only such a body can be resumed. */
  readonly verbatim?: boolean;
  /** Times it broke and was taken up again, so far; absent for never. */
  readonly resumes?: number;
  /**
   * Reads it whole, at most `maxBytes` decoded bytes.
   * Over the limit: with `truncate` the bytes so far are returned and the rest is dropped, else it rejects with `BodyTooLargeError`.
   */
  bytes(maxBytes: Limit, truncate: boolean): Promise<Uint8Array>;
  /**
   * Hands it on as it arrives, with backpressure and the idle limit. `onEnd` is called once, with the error that broke it if one did;
   * `onChunk` with the length of each chunk as it arrives.
   */
  stream(onEnd: (end: BodyEnd) => void, onChunk?: ChunkListener): Readable;
  /** Hands it on as it arrives without a stream between, which costs less; with the idle limit too. Absent where there is but a stream. */
  flow?(sink: BodySink): BodyFlow;
  /** Drops it and frees the connection. */
  discard(): void;
  /** Trailers, once the body has ended. */
  trailers(): ResponseHeaders | undefined;
}

/** Takes a body as it comes. Of `end` and `fail` one is called, once, and nothing after it. */
export interface BodySink {
  /** Answers whether more may come; after `false` no more does until `resume()`, though the end may. */
  data(chunk: Buffer): boolean;
  /** It has come whole. */
  end(): void;
  /** It broke. */
  fail(error: unknown): void;
}

/** A body on its way into a sink. */
export interface BodyFlow {
  /** Starts it, and lets it go on after it was held up. What is here already may come before this returns. */
  resume(): void;
  /** Nobody wants the rest of it, nor hears of it any more. */
  abandon(): void;
}

export type ChunkListener = (bytes: number) => void;

/** How a streamed body ended. */
export interface BodyEnd {
  readonly bytes: number;
  /** What broke it; absent when it arrived whole. */
  readonly error?: unknown;
  /** The reader destroyed it before its end. */
  readonly abandoned: boolean;
}

/** Puts requests on the wire. */
export interface Transport {
  /**
   * Resolves at the response head; rejects with `NetworkError`, `TimeoutError` (connect) or the cancellation's reason.
   * Any other error of a transport of your own becomes the `cause` of a `NetworkError`.
   */
  send(request: TransportRequest): Promise<Reply>;
  /** Closes idle connections; those in use end with their request. */
  close(): void | Promise<void>;
}

/** The settings of a client that concern its transport. */
export interface TransportSettings {
  readonly pool: PoolSettings;
  readonly tls: TlsSource;
  readonly clock: Clock;
}

/** Gives each client a transport of its own, made of that client's settings: what `transport` takes beside a ready one. */
export interface TransportFactory {
  open(settings: TransportSettings): Transport;
}
