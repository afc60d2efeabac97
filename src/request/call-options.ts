import type { Readable } from 'node:stream';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import type {
  CallRetryOptions,
  HedgeOptions,
  LimitsOptions,
  TimeoutOptions,
} from '../options/client-options.ts';
import type { ResumeOption } from './resume-option.ts';
import type { StandardSchemaV1 } from './standard-schema.ts';

/** What a path parameter or a query item may be. A `Date` is written as an ISO 8601 string. */
export type Scalar = string | number | bigint | boolean | Date;

/** Query or form fields. An array repeats its key; `undefined` leaves a field or item out. */
export type Fields = Readonly<Record<string, Scalar | undefined | readonly (Scalar | undefined)[]>>;

/** Request headers; names in any case. `undefined` removes a header that the client would send. */
export type RequestHeadersInit = Readonly<Record<string, string | readonly string[] | undefined>> | Headers;

/** A body that is read as it is sent: once, unless it is a function that makes a fresh one for every attempt. */
export type StreamBody =
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | (() => Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>);

/** A body that can be sent again as it is. Bytes are not copied: leave them unchanged until the call has settled. */
export type ReplayableBody = string | ArrayBuffer | ArrayBufferView | URLSearchParams | FormData | Blob;

/** At most one body: `json`, `form` or `body`. */
export type BodyOption =
  | {
      /** Sent as JSON, as `application/json` unless the headers name another type. */
      json?: unknown;
      form?: undefined;
      body?: undefined;
      bodyBytes?: undefined;
    }
  | {
      json?: undefined;
      /** Sent as `application/x-www-form-urlencoded`. */
      form?: Fields | URLSearchParams;
      body?: undefined;
      bodyBytes?: undefined;
    }
  | {
      json?: undefined;
      form?: undefined;
      /**
       * Sent as it is, with the content type that `fetch` would give it unless the headers name another.
       * A stream can be sent only once, so that the call is not resent; give a function that opens it to allow that.
       */
      body?: ReplayableBody;
      bodyBytes?: undefined;
    }
  | {
      json?: undefined;
      form?: undefined;
      body: StreamBody;
      /** Length of a streamed body in bytes, sent as `Content-Length`. A stream of another length is a `NetworkError`, phase `request`. */
      bodyBytes?: number;
    };

/** What a call and a stream may both set. */
export interface RequestOptions {
  /**
   * Fills `{name}` in the path. Each value is encoded as one segment (`a/b` arrives as `a%2Fb`);
   * empty, `.` and `..` are refused, and so are names the path does not have.
   */
  params?: Readonly<Record<string, Scalar>>;
  /** Appended to any query in the path. */
  query?: Fields | URLSearchParams;
  /** Headers of this call; they win over the client's. */
  headers?: RequestHeadersInit;
  /** Time limits of this call, merged over the client's. */
  timeout?: TimeoutOptions;
  /** Retry rules of this call, merged over the client's; `false` sends it once. */
  retry?: CallRetryOptions | boolean;
  /** Ends the call when it aborts; the call rejects with its `reason`. */
  signal?: AbortSignal;
  /** When the call must be over, in epoch milliseconds or as a `Date`. Never later than its context's deadline. */
  deadline?: number | Date;
  /**
   * Sent as `Idempotency-Key`, the same on every attempt, and allows resending whatever the method.
   * `true` makes one UUID per call. A key among the headers counts just as well.
   */
  idempotencyKey?: string | true;
  /** The server may safely see the request twice: allows resending whatever the method. @defaultValue false */
  idempotent?: boolean;
  /** Size limits of this call, merged over the client's. */
  limits?: LimitsOptions;
  /** What to do with a 3xx. @defaultValue the client's */
  redirect?: 'manual' | 'same-origin';
  /** Hedging of this call, merged over the client's. */
  hedge?: HedgeOptions | false;
  /** The label in events and metrics; keep its values few. @defaultValue the path template if `params` filled it, else none */
  route?: string;
  /** Added to the context of `runInContext` for this call. */
  context?: Readonly<Record<string, unknown>>;
  /** Labels of your own for events. */
  tags?: Readonly<Record<string, string>>;
}

/** A value that is no function, so that a function given is always the callback. */
type Plain = object | string | number | bigint | boolean | symbol | null;
/** Without a type for the data any value can stand in for it. */
type FallbackValue<T> = unknown extends T ? Plain : T;

/** How the answer is read. */
export interface ReplyOptions<T> {
  /** Checks the data of a successful answer and gives it its type: any Standard Schema (zod, valibot, arktype …). A mismatch is a `ValidationError`. */
  schema?: StandardSchemaV1<unknown, T>;
  /** How to read the body; `auto` goes by its content type. An empty body is `undefined` in each. @defaultValue 'auto' */
  responseType?: 'auto' | 'json' | 'text' | 'bytes';
  /**
   * Stands in for the data when the call fails: a value, or a function of the error. What an interceptor or `auth` of yours threw
   * is given as it was thrown.
   * Not used for your own abort, bad input and a 4xx answer.
   */
  fallback?: NoInfer<FallbackValue<T>> | ((error: ServiceClientError) => NoInfer<T> | Promise<NoInfer<T>>);
}

/** Options of one call. */
export type CallOptions<T = unknown> = RequestOptions & ReplyOptions<T> & BodyOption;

/** Options of one streamed call. */
export type StreamOptions = RequestOptions &
  BodyOption & {
    /** `false` hands over the bytes as they came, still compressed. @defaultValue true */
    decompress?: boolean;
    /**
     * Continues a broken GET body where it stopped, on another endpoint if need be, as often as `maxResumes` says (0–100, `true`: 3).
     * Only where a strong ETag, identity coding and a known length prove that the rest is the rest; else the body fails as it would without.
     * @defaultValue false
     */
    resume?: ResumeOption;
  };
