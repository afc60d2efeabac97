import type { CallOptions } from '../request/call-options.ts';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import { failureResult } from './failure-result.ts';
import type { ServiceResponse, ServiceResult } from './service-response.ts';

/** Makes a call that throws; `onCall` gets its books, which a caller's own abort reason cannot carry. */
type MakeCall = <T>(
  method: string,
  path: string,
  options: CallOptions<T> | undefined,
  onCall: (call: CallBooks) => void,
) => Promise<ServiceResponse<T>>;

/** What a failed call leaves behind. */
export interface CallBooks {
  readonly log: readonly AttemptRecord[];
  readonly durationMs: number;
}

const VERBS = ['get', 'head', 'options', 'delete', 'post', 'put', 'patch', 'request'] as const;

/** Of a call that was refused before it began. */
export const NOT_BEGUN: CallBooks = { log: [], durationMs: 0 };

/** The client's verbs without exceptions: each resolves to a result that says `ok`. */
export class SafeCalls {
  readonly #service: string;
  readonly #call: MakeCall;

  constructor(service: string, call: MakeCall) {
    this.#service = service;
    this.#call = call;
    // They can be passed around one by one: without their object they would throw, and they never throw.
    for (const verb of VERBS) {
      Object.defineProperty(this, verb, { value: this[verb].bind(this), enumerable: false });
    }
  }

  /** GET. */
  get<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('GET', path, options);
  }

  /** HEAD. */
  head<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('HEAD', path, options);
  }

  /** OPTIONS. */
  options<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('OPTIONS', path, options);
  }

  /** DELETE. */
  delete<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('DELETE', path, options);
  }

  /** POST. */
  post<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('POST', path, options);
  }

  /** PUT. */
  put<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('PUT', path, options);
  }

  /** PATCH. */
  patch<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResult<T>> {
    return this.request('PATCH', path, options);
  }

  /**
   * Any method; never throws.
   * @example
   * const result = await youtube.safe.request('POST', '/info', { json: { url }, idempotent: true });
   * res.status(result.status).json(result.ok ? result.data : { message: result.message });
   */
  async request<T = unknown>(
    method: string,
    path: string,
    options?: CallOptions<T>,
  ): Promise<ServiceResult<T>> {
    let books = NOT_BEGUN;
    try {
      return await this.#call(method, path, options, call => {
        books = call;
      });
    } catch (error) {
      return failureResult(error, this.#service, books, options?.signal);
    }
  }
}
