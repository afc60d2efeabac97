import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Watchers } from '../support/watchers.ts';

/** A request as the mocked service got it. */
export interface SeenCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a mocked service answers one request. */
export type Answer = (seen: SeenCall) => Response | Promise<Response>;

/** A service behind msw: it answers by its script, then the last answer again, and counts what reached it. */
export class MockedService {
  readonly url: string;
  /** The oracle: what reached the service, in order. */
  readonly requests: SeenCall[] = [];
  readonly #watchers = new Watchers();
  #script: Answer[] = [];
  #last: Answer = json({ ok: true });

  constructor(url: string) {
    this.url = url;
  }

  /** The next answers; the last of them stays. */
  answers(...script: Answer[]): void {
    this.#script = script;
  }

  /** Resolves as soon as `count` requests have come, with the last of them. */
  async received(count = 1): Promise<SeenCall> {
    await this.#watchers.until(() => this.requests.length >= count);
    return this.requests[count - 1] as SeenCall;
  }

  reset(): void {
    this.requests.length = 0;
    this.#script = [];
    this.#last = json({ ok: true });
  }

  async take(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    const seen = {
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      body,
    };
    this.requests.push(seen);
    this.#last = this.#script.shift() ?? this.#last;
    this.#watchers.changed();
    return this.#last(seen);
  }
}

/** One mocked service per URL, for all tests of a file; nothing else is reached. */
export function mockServices<const Urls extends readonly string[]>(
  ...urls: Urls
): { [Index in keyof Urls]: MockedService } {
  const services = urls.map(url => new MockedService(url));
  const handlers = services.map(service =>
    http.all(`${service.url}/*`, ({ request }) => service.take(request)),
  );
  const server = setupServer(...handlers);
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  afterEach(() => {
    for (const service of services) service.reset();
  });
  afterAll(() => server.close());
  return services as { [Index in keyof Urls]: MockedService };
}

/** Answers with JSON. */
export function json(data: unknown, init: ResponseInit = {}): Answer {
  return () => HttpResponse.json(data as null, init);
}

/** Answers with a status and an empty body. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  return () => new HttpResponse(null, { status: code, headers });
}

/** Answers with text of a type. */
export function text(body: string, type: string, init: ResponseInit = {}): Answer {
  return () => new HttpResponse(body, { ...init, headers: { ...init.headers, 'content-type': type } });
}

/** Breaks the connection. */
export const broken: Answer = () => HttpResponse.error();

/** Never answers. */
export const silent: Answer = () => new Promise(() => {});

/** Answers when told to. */
export function held(answer: Answer): { readonly answer: Answer; release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    release: resolve,
    async answer(seen) {
      await promise;
      return answer(seen);
    },
  };
}
