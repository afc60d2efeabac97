import type { ServiceClientError } from '../errors/service-client-error.ts';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import type { ResponseHeaders } from '../transport/transport.ts';

/** A call that was answered: with a 2xx or 3xx, or by its `fallback`. */
export interface ServiceResponse<T = unknown> {
  /** Tells it from a failure of `client.safe`. */
  readonly ok: true;
  readonly status: number;
  /** Lower-case names; `set-cookie` is an array. */
  readonly headers: ResponseHeaders;
  /** The decoded body, checked and typed by the call's `schema` if it gave one. `undefined` for an empty body. */
  readonly data: T;
  /** The URL that answered, after redirects. */
  readonly url: string;
  /** The endpoint that answered: origin plus base path. */
  readonly endpoint: string;
  /** The client's name. */
  readonly service: string;
  /** The decision log, oldest attempt first. */
  readonly attempts: readonly AttemptRecord[];
  /** The whole call, in milliseconds. */
  readonly durationMs: number;
  /** `data` is the call's `fallback`, since the call failed. */
  readonly fromFallback: boolean;
  /** The failure that the fallback stands in for. What an interceptor or `auth` of yours threw is here as it was thrown. */
  readonly fallbackError?: ServiceClientError | undefined;
}

/** A call that failed, as a value: what `client.safe` gives instead of throwing. */
export interface ServiceFailure {
  readonly ok: false;
  /** The status that a gateway should answer; 499 after the caller's own abort. */
  readonly status: number;
  /** Safe to show to anybody: the upstream's own message for a 4xx, else a text such as `youtube service unavailable`. */
  readonly message: string;
  /** The endpoint tried last; `undefined` when none was. */
  readonly endpoint: string | undefined;
  /** The client's name. */
  readonly service: string;
  /** The decision log, oldest attempt first. */
  readonly attempts: readonly AttemptRecord[];
  /** The whole call, in milliseconds. */
  readonly durationMs: number;
  /** What the call would have thrown: a `ServiceClientError`, or the `reason` of the caller's own signal. */
  readonly error: unknown;
}

/** What `client.safe` resolves to; `ok` tells which. */
export type ServiceResult<T = unknown> = ServiceResponse<T> | ServiceFailure;
