import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientCore } from './client-core.ts';
import type { HealthReport } from './health/health-report.ts';
import type { ServiceClientOptions, ServiceClientOverrides } from './options/client-options.ts';
import type { Environment } from './options/environment-variables.ts';
import { clientOptionsFromEnv } from './options/from-environment.ts';
import { resolveOptions } from './options/resolve-options.ts';
import type { FetchFunction } from './passthrough/fetch.ts';
import type { PassthroughResult } from './passthrough/passthrough.ts';
import type { PassthroughOptions } from './passthrough/passthrough-options.ts';
import type { CallOptions, StreamOptions } from './request/call-options.ts';
import { fallbackResponse } from './response/fallback-response.ts';
import { type CallBooks, SafeCalls } from './response/safe-calls.ts';
import type { ServiceResponse } from './response/service-response.ts';
import type { StreamResponse } from './response/stream-response.ts';
import type { ClientEventMap, ClientEventName } from './telemetry/client-events.ts';

/**
 * Calls one downstream service and holds: retries, circuit breaking, load balancing, time limits and health in one place.
 * Make one per service and keep it; it owns a connection pool.
 *
 * @example
 * const users = new ServiceClient({ name: 'users', baseUrl: 'http://localhost:3001' });
 * const { data } = await users.get<User>('/users/{id}', { params: { id: 7 } });
 */
export class ServiceClient implements AsyncDisposable {
  /** The service's name: the label on every error, log line, event and metric. */
  readonly name: string;

  /**
   * The same verbs, but they never throw: each resolves to a {@link ServiceResult} with `ok`, and for a failure the status a
   * gateway should answer and a message that is safe to show.
   * @example
   * const result = await users.safe.get('/users/7');
   * if (!result.ok) return reply.status(result.status).send({ message: result.message });
   */
  readonly safe: SafeCalls;

  /**
   * `fetch` over this client, bound: hand it to any fetch-based client. Resolves for every status; relative URLs and those on the
   * service's own origin, or on `http://<name>`, are accepted.
   * @throws {@link ServiceClientError} for everything below a status; `signal.reason` when you abort.
   * @example
   * const api = createClient<paths>({ baseUrl: 'http://users', fetch: users.fetch });
   */
  readonly fetch: FetchFunction;

  readonly #core: ClientCore;

  /** @throws {@link ConfigurationError} listing every problem of `options` at once. */
  constructor(options: ServiceClientOptions) {
    this.#core = new ClientCore(resolveOptions(options));
    this.name = this.#core.options.name;
    this.fetch = this.#core.fetch;
    this.safe = new SafeCalls(this.name, (...call) => this.#request(...call));
  }

  /**
   * A client with settings from the environment: `YOUTUBE_SERVICE_URL`, `YOUTUBE_SERVICE_TIMEOUT`, … for `youtube`.
   * @param overrides - Options merged over those of the environment.
   * @throws {@link ConfigurationError} naming each variable and option that is wrong.
   * @example
   * const youtube = ServiceClient.fromEnv('youtube', { retry: { maxAttempts: 5 } });
   */
  static fromEnv(
    name: string,
    overrides: ServiceClientOverrides = {},
    env: Environment = process.env,
  ): ServiceClient {
    return newClient(clientOptionsFromEnv(name, overrides, env));
  }

  /**
   * GET. Resolves for 2xx and 3xx.
   * @throws {@link StatusError} for 4xx and 5xx, {@link NetworkError}, {@link TimeoutError}, {@link CircuitOpenError} and the other
   * subclasses of {@link ServiceClientError}; `signal.reason` when you abort.
   * @example
   * const { data } = await users.get('/users/{id}', { params: { id: 7 }, schema: User });
   */
  get<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('GET', path, options);
  }

  /** HEAD: {@link ServiceClient.get} without a body. */
  head<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('HEAD', path, options);
  }

  /** OPTIONS, with the rules of {@link ServiceClient.get}. */
  options<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('OPTIONS', path, options);
  }

  /** DELETE, with the rules of {@link ServiceClient.get}. */
  delete<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('DELETE', path, options);
  }

  /**
   * POST. Sent again only when the request never reached the server, or when `idempotencyKey` or `idempotent` allow it.
   * @throws As {@link ServiceClient.get} does.
   * @example
   * await users.post('/users', { json: { name: 'Ada' }, idempotencyKey: true });
   */
  post<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('POST', path, options);
  }

  /** PUT, with the rules of {@link ServiceClient.get}. */
  put<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('PUT', path, options);
  }

  /** PATCH, with the rules of {@link ServiceClient.post}. */
  patch<T = unknown>(path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.request('PATCH', path, options);
  }

  /**
   * Any method, with the rules of {@link ServiceClient.get}.
   * @example
   * await search.request('QUERY', '/products', { json: { text: 'lamp' } });
   */
  request<T = unknown>(method: string, path: string, options?: CallOptions<T>): Promise<ServiceResponse<T>> {
    return this.#request(method, path, options);
  }

  /**
   * A response whose body is read as it arrives. Attempts are retried until the response head; from then on the body is yours.
   * @throws As {@link ServiceClient.get} does, until the head; later the body fails with the error.
   * @example
   * const { body, headers } = await media.stream('GET', '/download/{id}', { params: { id } });
   * await pipeline(body, createWriteStream('video.mp4'));
   */
  async stream(method: string, path: string, options: StreamOptions = {}): Promise<StreamResponse> {
    return (await this.#core.call(method, path, options, 'stream')) as StreamResponse;
  }

  /**
   * Answers an incoming request with the service's answer: method, headers, bodies and trailers streamed both ways, every status as it is.
   * A failure before the head is answered as `application/problem+json`; after it, the client sees a broken body, never a short one.
   * @example
   * app.get('/download/:id', (req, res) => media.passthrough(req, res));
   */
  passthrough(
    req: IncomingMessage,
    res: ServerResponse,
    options?: PassthroughOptions,
  ): Promise<PassthroughResult> {
    return this.#core.passthrough(req, res, options);
  }

  /**
   * Calls `listener` at every event of that name; a listener that throws never breaks a call.
   * @returns A function that unsubscribes.
   * @example
   * users.on('retry:scheduled', ({ attempt, delayMs, reason }) => console.log(attempt, delayMs, reason));
   */
  on<Name extends ClientEventName>(name: Name, listener: (event: ClientEventMap[Name]) => void): () => void {
    return this.#core.events.on(name, listener);
  }

  /** Asks every endpoint's health path now, counts the answers toward the thresholds, and resolves to the report. */
  probe(): Promise<HealthReport> {
    return this.#core.probe();
  }

  /** What is known of the service now; sends nothing. */
  health(): HealthReport {
    return this.#core.health();
  }

  /**
   * Refuses new calls, lets those under way finish, aborts the rest when the grace is over, then frees everything. Safe to call twice.
   * @param options - `graceMs`: how long to wait for calls and streams in flight, in milliseconds, default 10,000.
   */
  close(options: { graceMs?: number } = {}): Promise<void> {
    return this.#core.close(options.graceMs ?? 10_000);
  }

  #request<T>(
    method: string,
    path: string,
    options?: CallOptions<T>,
    onCall?: (call: CallBooks) => void,
  ): Promise<ServiceResponse<T>> {
    if (options?.fallback === undefined) {
      return this.#core.call(method, path, options, 'buffered', onCall) as Promise<ServiceResponse<T>>;
    }
    let books: CallBooks | undefined;
    const answer = this.#core.call(method, path, options, 'buffered', call => {
      books = call;
      onCall?.(call);
    }) as Promise<ServiceResponse<T>>;
    return answer.catch(error => fallbackResponse(error, options, this.name, books));
  }

  /** {@link ServiceClient.close} with its default grace. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Outside the class: a bundler renames a class that speaks of itself, and then it is not printed as what it is. */
function newClient(options: ServiceClientOptions): ServiceClient {
  return new ServiceClient(options);
}
