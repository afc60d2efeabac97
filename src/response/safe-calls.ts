import type { CallOptions } from '../request/call-options.ts';
import type { Clock } from '../time/clock.ts';
import { failureResult } from './failure-result.ts';
import type { ServiceResponse, ServiceResult } from './service-response.ts';

/** What the safe verbs stand on. */
interface Caller {
  readonly name: string;
  request<T>(method: string, path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>>;
}

/** The client's verbs without exceptions: each resolves to a result that says `ok`. */
export class SafeCalls {
  readonly #client: Caller;
  readonly #clock: Clock;

  constructor(client: Caller, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
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
    const startedAt = this.#clock.monotonic();
    try {
      return await this.#client.request(method, path, options);
    } catch (error) {
      const durationMs = this.#clock.monotonic() - startedAt;
      return failureResult(error, this.#client.name, durationMs, options?.signal);
    }
  }
}
