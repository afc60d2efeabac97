import { type CallOptions, isServiceClientError, runInContext, type StreamOptions } from '../../src/index.ts';
import type { Clock } from '../../src/time/clock.ts';
import { type ReadingEnd, readStream, readWebBody } from './body-reader.ts';
import type { CallBooks, Outcome } from './call-books.ts';
import { uploadSource } from './upload-source.ts';
import { contentOf } from './world/content.ts';

const SOURCE_EVERY_MS = 3;

/** What a caller needs of the world. */
export interface CallerWorld {
  readonly clock: Clock;
  violation(message: string, books: CallBooks): void;
  /** Nobody waits for this call or reads it any more. */
  over(books: CallBooks): void;
}

/** Makes one planned call, checks what comes back, and notes how it ended. */
export class Caller {
  readonly #books: CallBooks;
  readonly #world: CallerWorld;
  readonly #controller: AbortController | undefined;
  #received = 0;

  constructor(books: CallBooks, world: CallerWorld) {
    this.#books = books;
    this.#world = world;
    if (books.plan.abort !== undefined) this.#controller = new AbortController();
  }

  async call(): Promise<void> {
    const { plan, client } = this.#books;
    const { via, method } = plan;
    const path = `/r/${plan.id}?bytes=${plan.bytes}`;
    const { client: service } = client;
    try {
      await runInContext({ jobId: String(plan.id) }, async () => {
        if (via === 'stream')
          this.#stream(await service.stream(method, path, this.#options() as StreamOptions));
        else if (via === 'fetch') this.#response(await service.fetch(`http://users${path}`, this.#init()));
        else if (via === 'safe') {
          const result = await service.safe.request<Uint8Array>(method, path, this.#bytesOptions());
          if (!result.ok) throw result.error;
          this.#data(result);
        } else this.#data(await service.request<Uint8Array>(method, path, this.#bytesOptions()));
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The caller gives up, wherever the call is. */
  abort(): void {
    const books = this.#books;
    if (!books.open || books.abortedAt !== undefined) return;
    books.abortedAt = this.#world.clock.monotonic();
    this.#controller?.abort(books.reason);
  }

  #options(): CallOptions | StreamOptions {
    const { plan, client } = this.#books;
    const { retry, timeout, deadlineMs, idempotent, idempotencyKey, resume } = plan;
    const signal = this.#controller?.signal;
    return {
      ...this.#body(),
      ...(retry !== undefined && { retry }),
      ...(timeout !== undefined && { timeout }),
      ...(deadlineMs !== undefined && { deadline: client.clock.now() + deadlineMs }),
      ...(idempotent !== undefined && { idempotent }),
      ...(idempotencyKey === true && { idempotencyKey }),
      ...(signal !== undefined && { signal }),
      ...(plan.via === 'stream' && plan.method === 'GET' && resume && { resume: { maxResumes: resume } }),
    } as CallOptions;
  }

  #bytesOptions(): CallOptions<Uint8Array> {
    const { fallback } = this.#books.plan;
    return {
      ...(this.#options() as CallOptions<Uint8Array>),
      responseType: 'bytes',
      ...(fallback && { fallback: new Uint8Array() }),
    };
  }

  #init(): RequestInit {
    const { method } = this.#books.plan;
    const { json, body } = this.#body() as { json?: unknown; body?: unknown };
    const content = json === undefined ? body : JSON.stringify(json);
    const signal = this.#controller?.signal ?? null;
    return {
      method,
      signal,
      ...(content !== undefined && { body: content as NonNullable<RequestInit['body']> }),
    };
  }

  #body(): object {
    const { clock } = this.#world;
    const { body, via } = this.#books.plan;
    const source = () => uploadSource(clock, SOURCE_EVERY_MS, body === 'broken-source');
    if (body === 'none') return {};
    if (body === 'json') return { json: { some: 'thing' } };
    return { body: body === 'factory' && via !== 'fetch' ? source : source() };
  }

  #data(response: {
    data: Uint8Array;
    fromFallback: boolean;
    status: number;
    fallbackError?: unknown;
  }): void {
    const { plan } = this.#books;
    if (response.fromFallback) {
      this.#settle(outcomeOf(response.fallbackError));
      return;
    }
    const sent = plan.method === 'HEAD' ? new Uint8Array() : contentOf(plan.id, plan.bytes);
    const data = response.data ?? new Uint8Array();
    if (response.status < 300 && !Buffer.from(data).equals(sent))
      this.#complain(`${data.length} wrong bytes`);
    this.#settle('success');
  }

  #stream({ status, body }: Awaited<ReturnType<CallBooks['client']['client']['stream']>>): void {
    this.#handedOver(status);
    readStream(body, this.#reading(status));
  }

  #response(response: Response): void {
    const { status, body } = response;
    this.#handedOver(status);
    if (body !== null) void readWebBody(body, this.#reading(status));
  }

  #handedOver(status: number): void {
    this.#books.bodyHandedOver = true;
    this.#books.bodyOpen = this.#books.streamEnds === 0;
    this.#settle(status < 400 ? 'success' : 'failure');
  }

  #reading(status: number) {
    const { plan } = this.#books;
    const sent = plan.method === 'HEAD' ? Buffer.alloc(0) : contentOf(plan.id, plan.bytes);
    const isContent = status < 300;
    return {
      plan: plan.reader,
      clock: this.#world.clock,
      onBytes: (bytes: Uint8Array) => {
        const at = this.#received;
        this.#received += bytes.length;
        if (!isContent || sent.subarray(at, this.#received).equals(bytes)) return;
        this.#complain(`wrong bytes from ${at} on`);
      },
      onEnd: ({ whole, error }: ReadingEnd) => {
        if (whole && isContent && this.#received !== sent.length) {
          this.#complain(`a body of ${this.#received} bytes that looks whole`);
        }
        if (error !== undefined && error !== this.#books.reason && !isServiceClientError(error)) {
          this.#complain(`a body that failed with ${error}`);
        }
      },
    };
  }

  #failed(error: unknown): void {
    const books = this.#books;
    books.error = error;
    if (error === books.reason) {
      this.#settle('aborted');
      return;
    }
    if (!isServiceClientError(error)) {
      const ours = error instanceof Error && error.message === 'no token';
      if (!ours) this.#complain(`rejected with ${error instanceof Error ? error.stack : error}`);
      this.#settle('failure');
      return;
    }
    if (error.code === 'ERR_INVALID_REQUEST') this.#complain(`rejected with ${error}`);
    books.log = error.attempts;
    this.#settle(outcomeOf(error));
  }

  #settle(outcome: Outcome): void {
    const books = this.#books;
    if (books.outcome !== undefined) this.#complain('settled twice');
    books.outcome = outcome;
    books.settledAt = this.#world.clock.monotonic();
    if (!books.bodyOpen) this.#world.over(books);
  }

  #complain(message: string): void {
    this.#world.violation(message, this.#books);
  }
}

/** The end of a close's grace is an abort to those that are still under way. */
function outcomeOf(error: unknown): Outcome {
  return isServiceClientError(error) && error.code === 'ERR_CLIENT_CLOSED' ? 'aborted' : 'failure';
}
