import type { ServiceResponse } from '../response/service-response.ts';
import type { StreamResponse } from '../response/stream-response.ts';
import type { PlainReply } from '../transport/plain-reply.ts';
import type { Reply } from '../transport/transport.ts';

/** A call as its interceptors see it. */
export interface CallRequest {
  /** The client's `name`. */
  readonly service: string;
  /** Upper case. */
  readonly method: string;
  /** Encoded, query included, relative to the base path. */
  readonly path: string;
  /** Lower-case names; the client's and the call's own. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Who reads the reply: `buffered` calls get data, `stream` a body, `raw` (passthrough and fetch) every status as it is. */
  readonly kind: 'buffered' | 'stream' | 'raw';
  readonly route?: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** One attempt as its interceptors see it. */
export interface AttemptRequest {
  /** Upper case. */
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** 1 for the first. */
  readonly attempt: number;
  /** Origin plus base path. */
  readonly endpoint: string;
  /** Aborts when the attempt is given up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs once per call, around all its attempts and inside its total time. Changes `method`, `path` and `headers` by passing a copy
 * to `next`; events and logs keep the labels that the call began with. An answer of its own needs `status` and `data` (`body` for a
 * stream): what else is missing is filled in.
 */
export type CallInterceptor = (
  request: CallRequest,
  next: (request: CallRequest) => Promise<ServiceResponse<unknown> | StreamResponse>,
) => Promise<ServiceResponse<unknown> | StreamResponse>;

/** What an attempt interceptor resolves to: the reply of `next`, a changed copy of it, or one of its own. */
export type InterceptedReply = PlainReply;

/** Runs once per request on the wire: signing, trace headers. Changes the request by passing a copy to `next`. */
export type AttemptInterceptor = (
  request: AttemptRequest,
  next: (request: AttemptRequest) => Promise<Reply>,
) => Promise<InterceptedReply>;

/** The interceptors of a client, the first outermost. */
export interface Interceptors {
  readonly call: readonly CallInterceptor[];
  readonly attempt: readonly AttemptInterceptor[];
}

/** Puts your own functions around calls and attempts. */
export interface InterceptorOptions {
  /**
   * Around each call.
   * @defaultValue []
   */
  call?: readonly CallInterceptor[] | undefined;
  /**
   * Around each attempt.
   * @defaultValue []
   */
  attempt?: readonly AttemptInterceptor[] | undefined;
}
