import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientParts, makeParts } from './client-parts.ts';
import { currentContext } from './context/run-in-context.ts';
import { ClientClosedError } from './errors/client-closed-error.ts';
import { type HealthReport, healthReport } from './health/health-report.ts';
import type { ResolvedOptions } from './options/resolved-options.ts';
import { createFetch, type FetchFunction } from './passthrough/fetch.ts';
import { type PassthroughResult, passthrough } from './passthrough/passthrough.ts';
import type { PassthroughOptions } from './passthrough/passthrough-options.ts';
import type { OpenRaw } from './passthrough/raw-call.ts';
import { viaPseudonym } from './passthrough/via.ts';
import type { Answer } from './pipeline/answer.ts';
import { assemblePipeline } from './pipeline/assemble-pipeline.ts';
import type { Call } from './pipeline/call.ts';
import { CallRunner } from './pipeline/call-runner.ts';
import { refuseAtOnce } from './pipeline/refuse-at-once.ts';
import { normalizeBody } from './request/normalize-body.ts';
import { normalizeRequest } from './request/normalize-request.ts';
import { rawRequest } from './request/raw-request.ts';
import type { RequestMode } from './request/service-request.ts';
import { newUuid } from './request/uuid.ts';
import type { StreamResponse } from './response/stream-response.ts';
import type { ClientEvents } from './telemetry/event-emitter.ts';
import { USER_AGENT } from './version.ts';

/** What a client does, behind its public face: every way in leads through one runner and one pipeline. */
export class ClientCore {
  readonly options: ResolvedOptions;
  readonly fetch: FetchFunction;
  readonly #parts: ClientParts;
  readonly #runner: CallRunner;
  readonly #via: string | false;
  #closed: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    this.options = withStandingHeaders(options);
    this.#parts = makeParts(this.options);
    const { name, clock, random } = options;
    const parts = this.#parts;
    this.#runner = new CallRunner(name, clock, random, refuseAtOnce(parts), assemblePipeline(parts));
    this.#via = viaPseudonym(options.via, random);
    this.fetch = this.#makeFetch();
    this.#parts.prober.start();
  }

  get events(): ClientEvents {
    return this.#parts.events;
  }

  /** Never throws, and is not `async`: a refusal costs less than a throw does. */
  call(
    method: string,
    path: string,
    call: object | undefined,
    mode: RequestMode,
    onCall?: (call: Call) => void,
  ): Promise<Answer> {
    try {
      this.#runner.assertOpen();
      const { options } = this;
      const request = normalizeRequest({ options, method, path, call, mode, ambient: currentContext() });
      return this.#runner.run(request, { onCall });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  passthrough(
    req: IncomingMessage,
    res: ServerResponse,
    options?: PassthroughOptions,
  ): Promise<PassthroughResult> {
    const { name: service, clock } = this.options;
    return passthrough(this.#openRaw, { service, via: this.#via, clock }, req, res, options);
  }

  health(): HealthReport {
    return healthReport(this.options.name, this.#parts.endpoints.all);
  }

  async probe(): Promise<HealthReport> {
    this.#runner.assertOpen();
    const outcomes = await this.#parts.prober.probeNow();
    return healthReport(this.options.name, this.#parts.endpoints.all, outcomes);
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#shutDown(graceMs);
    return this.#closed;
  }

  async #shutDown(graceMs: number): Promise<void> {
    await this.#runner.close(graceMs);
    const { prober, endpoints, credentials, transport } = this.#parts;
    prober.stop();
    endpoints.close();
    credentials?.close(new ClientClosedError({ service: this.options.name }));
    await transport.close();
  }

  readonly #openRaw: OpenRaw = call => {
    this.#runner.assertOpen();
    const request = rawRequest(this.options, call, currentContext());
    return this.#runner.run(request, call) as Promise<StreamResponse>;
  };

  #makeFetch(): FetchFunction {
    const { name: service, random } = this.options;
    const boundary = () => `holdfast-${newUuid(random)}`;
    return createFetch(this.#openRaw, {
      service,
      endpointUrls: () => this.#parts.endpoints.all.map(({ url }) => url),
      classifyBody: (body, issues) => normalizeBody({ body }, boundary, issues),
    });
  }
}

/** The headers that every call starts from. */
function withStandingHeaders(options: ResolvedOptions): ResolvedOptions {
  const { version } = options;
  const asked = version !== undefined &&
    'header' in version && { [version.header.toLowerCase()]: version.value };
  const headers = Object.freeze({ 'user-agent': USER_AGENT, ...asked, ...options.headers });
  return Object.freeze({ ...options, headers });
}
