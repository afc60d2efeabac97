import type { Readable } from 'node:stream';
import { BodyTooLargeError } from '../errors/body-too-large-error.ts';
import { DecodeError } from '../errors/decode-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import type { Limit } from '../options/resolved-options.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { startLimit } from '../time/limit-timer.ts';
import { BodyStream } from './body-stream.ts';
import type { ContentCodings } from './content-decoding.ts';
import type { ContentSource } from './content-source.ts';
import { DecodedContent } from './decoded-content.ts';
import { IdleLimit } from './idle-limit.ts';
import type {
  BodyEnd,
  BodySink,
  ChunkListener,
  ReplyBody,
  ResponseHeaders,
  TransportRequest,
} from './transport.ts';
import { WireFlow, type WireFlowSettings } from './wire-flow.ts';

/** What is worth reading to save a connection. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 100;

/** What comes with a body. An `IncomingMessage` is one. */
export interface ReplyMessage {
  readonly statusCode?: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body has arrived whole, whether it was read or not. */
  readonly complete: boolean;
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What a body knows of its exchange. An exchange is one: a literal of its own would cost as much as the body. */
export interface WireBodySettings {
  readonly source: ContentSource;
  readonly message: ReplyMessage;
  readonly request: Pick<TransportRequest, 'service' | 'endpoint' | 'method' | 'idleMs'>;
  readonly clock: Clock;
  /** `undefined` to hand the bytes on as they come. */
  readonly codings: ContentCodings | undefined;
  /** The body has arrived whole. */
  onWhole(): void;
  /** The rest of it is not wanted. */
  onAbandoned(): void;
  /** It broke here; the owner answers with `break`. */
  onBroken(error: unknown): void;
}

/** The body of a reply on the wire. */
export class WireBody implements ReplyBody, WireFlowSettings {
  readonly verbatim: boolean;
  readonly #settings: WireBodySettings;
  #idleLimit: IdleLimit | undefined;
  #decoded: DecodedContent | undefined;
  #drainTimer: Timer | undefined;
  #broken: { readonly error: unknown } | undefined;
  #reader: ((error: unknown) => void) | undefined;

  constructor(settings: WireBodySettings) {
    this.#settings = settings;
    this.verbatim = settings.codings === undefined;
  }

  /** Ends it with an error, whoever reads it and whenever. */
  break(error: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = { error };
    this.#release();
    this.#reader?.(error);
  }

  bytes(maxBytes: Limit, truncate: boolean): Promise<Uint8Array> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    const here = this.#takeWhole(maxBytes);
    if (here !== undefined) return Promise.resolve(here);
    return new Promise((resolve, reject) => {
      this.#reader = reject;
      const chunks: Buffer[] = [];
      let length = 0;
      let done = false;
      const data = (chunk: Buffer) => {
        if (done) return;
        this.#idleLimit?.rearm();
        chunks.push(chunk);
        length += chunk.length;
        if (maxBytes === false || length <= maxBytes) return;
        done = true;
        if (truncate) {
          this.onAbandoned();
          resolve(joined(chunks, maxBytes));
        } else this.#breakTooLarge(maxBytes);
      };
      const end = () => {
        if (done) return;
        done = true;
        this.onWhole();
        resolve(joined(chunks, length));
      };
      this.open().read({ data, end });
      if (!done) this.idle().arm();
    });
  }

  stream(onEnd: (end: BodyEnd) => void, onChunk?: ChunkListener): Readable {
    const empty = hasNoBody(this.#settings);
    return new BodyStream({ open: sink => this.flow(sink), empty, onChunk, onEnd });
  }

  flow(sink: BodySink): WireFlow {
    const flow = new WireFlow(this, sink);
    // Named first: V8 takes a function written into a property for one that stays, and puts it where only full collections look.
    const fail = (error: unknown): void => flow.fail(error);
    this.#reader = fail;
    // One turn later, so that the caller has the flow before it hears of its end.
    if (this.#broken !== undefined) process.nextTick(this.#reader, this.#broken.error);
    return flow;
  }

  discard(): void {
    if (this.#broken !== undefined) return;
    const { source, clock, message } = this.#settings;
    if (!message.complete && Number(message.headers['content-length'] ?? 0) > DRAIN_BYTES) {
      this.onAbandoned();
      return;
    }
    let drained = 0;
    let done = false;
    const data = (chunk: Buffer) => {
      drained += chunk.length;
      if (drained > DRAIN_BYTES) this.onAbandoned();
    };
    const end = () => {
      done = true;
      this.onWhole();
    };
    source.read({ data, end });
    if (!done) this.#drainTimer = startLimit(clock, DRAIN_MS, () => this.onAbandoned());
  }

  trailers(): ResponseHeaders | undefined {
    const { message } = this.#settings;
    if (!message.complete || Object.keys(message.trailers).length === 0) return undefined;
    return message.trailers as ResponseHeaders;
  }

  /** A small body may have come with its head. */
  #takeWhole(maxBytes: Limit): Uint8Array | undefined {
    const { source, codings } = this.#settings;
    if (codings !== undefined) return undefined;
    const chunks = source.takeWhole?.(maxBytes === false ? Number.POSITIVE_INFINITY : maxBytes);
    if (chunks === undefined) return undefined;
    this.onWhole();
    return joined(chunks);
  }

  /** Made when somebody has to wait. */
  idle(): IdleLimit {
    if (this.#idleLimit === undefined) {
      const settings = this.#settings;
      const { clock, request } = settings;
      const { service, endpoint, idleMs } = request;
      this.#idleLimit = new IdleLimit(clock, idleMs, (timeoutMs, ownStall) =>
        settings.onBroken(new TimeoutError({ service, endpoint, scope: 'idle', timeoutMs, ownStall })),
      );
    }
    return this.#idleLimit;
  }

  open(): ContentSource {
    const settings = this.#settings;
    const { source, codings } = settings;
    if (codings === undefined) return source;
    this.#decoded = new DecodedContent({
      source,
      codings,
      // The upstream is not silent while the decoder swallows.
      onInput: () => this.#idleLimit?.rearm(),
      onError: error => settings.onBroken(this.#decodeError(error)),
    });
    return this.#decoded;
  }

  onWhole(): void {
    this.#release();
    this.#settings.onWhole();
  }

  onAbandoned(): void {
    this.#release();
    this.#settings.onAbandoned();
  }

  #release(): void {
    this.#idleLimit?.disarm();
    this.#drainTimer?.clear();
    this.#decoded?.destroy();
  }

  #breakTooLarge(limitBytes: number): void {
    const { service, endpoint } = this.#settings.request;
    this.#settings.onBroken(new BodyTooLargeError({ service, endpoint, limitBytes }));
  }

  #decodeError(cause: unknown): DecodeError {
    const { message, request } = this.#settings;
    const { service, endpoint } = request;
    return new DecodeError({
      service,
      endpoint,
      contentType: message.headers['content-type']?.toString(),
      status: message.statusCode ?? 0,
      cause,
      fault: 'coding',
    });
  }
}

/** RFC 9112, section 6.3: no body at all, or one of no bytes. */
function hasNoBody({ request, message }: WireBodySettings): boolean {
  const { statusCode, headers } = message;
  return (
    request.method === 'HEAD' || statusCode === 204 || statusCode === 304 || headers['content-length'] === '0'
  );
}

/** Most bodies are one chunk. */
function joined(chunks: readonly Buffer[], length?: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first.subarray(0, length);
  return Buffer.concat(chunks, length);
}
