import type { Readable } from 'node:stream';
import { NetworkError } from '../errors/network-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import type { RequestBody } from '../request/request-body.ts';
import type { Clock } from '../time/clock.ts';
import { IdleLimit } from './idle-limit.ts';
import type { TransportRequest } from './transport.ts';

/** A request body that is sent as it comes. */
export type StreamedBody = Extract<RequestBody, { byteLength: number | undefined }>;

/** A larger chunk is cut: that a part of it has left shows that the upstream is taking it. */
const SLICE_BYTES = 64 * 1024;

/** Where an upload goes. A stream that can be written is one. */
export interface UploadSink {
  /** Calls `onTaken` when the upstream has taken it, with an error if it never will. */
  write(chunk: Uint8Array, onTaken: (error?: Error | null) => void): unknown;
  /** Calls `onEnded` when everything has been taken. */
  end(onEnded: () => void): unknown;
}

export interface UploadBodySettings {
  readonly body: StreamedBody;
  readonly sink: UploadSink;
  /** Sends the request's head by itself. */
  readonly flushHead: () => void;
  readonly request: TransportRequest;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends a body from its source to the upstream, at the pace of the slower one.
 * Of a body of announced length the last chunk is held back until the source has ended: one that turns out longer
 * must never have looked whole to the upstream.
 */
export class UploadBody {
  readonly #settings: UploadBodySettings;
  readonly #idle: IdleLimit;
  #source: Readable | undefined;
  #state: 'waiting' | 'sending' | 'sent' | 'stopped' = 'waiting';
  #answered = false;
  #ended = false;
  #writing = false;
  #length = 0;
  #held: Uint8Array | undefined;

  constructor(settings: UploadBodySettings) {
    this.#settings = settings;
    const { body, clock, request } = settings;
    const { service, endpoint, idleMs } = request;
    this.#idle = new IdleLimit(clock, idleMs, (timeoutMs, ownStall) =>
      this.#fail(new TimeoutError({ service, endpoint, scope: 'idle', timeoutMs, ownStall })),
    );
    if (body.kind === 'one-shot') this.#watch(body.source);
  }

  /** The whole body has left. */
  get sent(): boolean {
    return this.#state === 'sent';
  }

  /** The connection stands: asks the source for its first bytes. */
  start(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'sending';
    const { body, request } = this.#settings;
    request.onUploadStart();
    if (body.kind === 'replayable') {
      try {
        this.#watch(body.open());
      } catch (error) {
        this.#failAtSource(error);
        return;
      }
    }
    const source = this.#source as Readable;
    if (source.destroyed || source.readableEnded) {
      this.#failAtSource(source.errored ?? undefined);
      return;
    }
    source.on('data', this.#onData);
    source.on('end', this.#onEnd);
    source.resume();
    // A source that takes its time must not keep the upstream from seeing, and perhaps refusing, the request.
    setImmediate(() => {
      if (this.#state === 'sending' && this.#length === 0) this.#settings.flushHead();
    });
  }

  /** The response has begun: its own limits rule from here on. */
  headArrived(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#idle.disarm();
    if (this.#state === 'sending') this.#settings.request.onUploadEnd();
  }

  /** Nothing more is sent. */
  stop(): void {
    if (this.#state === 'sent' || this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#idle.disarm();
    const source = this.#source;
    if (source === undefined) return;
    this.#unwatch(source);
    // What it has to say about its end is of no interest any more, but must not end the process.
    source.on('error', () => {});
    source.destroy();
  }

  #watch(source: Readable): void {
    this.#source = source;
    source.on('error', this.#onSourceError);
    source.on('close', this.#onSourceClose);
  }

  #unwatch(source: Readable): void {
    source.off('data', this.#onData);
    source.off('end', this.#onEnd);
    source.off('error', this.#onSourceError);
    source.off('close', this.#onSourceClose);
  }

  readonly #onSourceError = (error: unknown): void => this.#failAtSource(error);

  readonly #onSourceClose = (): void => {
    if (!this.#ended) this.#failAtSource(undefined);
  };

  readonly #onData = (chunk: unknown): void => {
    const bytes = this.#bytesOf(chunk);
    if (bytes === undefined) {
      this.#failAtSource(new TypeError('a body is made of bytes'));
      return;
    }
    const announced = this.#settings.body.byteLength;
    this.#length += bytes.length;
    if (announced !== undefined && this.#length > announced) this.#failAtLength(announced);
    else if (bytes.length > 0) this.#take(bytes);
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    const announced = this.#settings.body.byteLength;
    if (announced !== undefined && this.#length < announced) this.#failAtLength(announced);
    else if (!this.#writing) this.#next();
  };

  #bytesOf(chunk: unknown): Uint8Array | undefined {
    if (typeof chunk === 'string') return Buffer.from(chunk, this.#source?.readableEncoding ?? 'utf8');
    return chunk instanceof Uint8Array ? chunk : undefined;
  }

  #take(bytes: Uint8Array): void {
    if (this.#length === this.#settings.body.byteLength) {
      this.#held = bytes;
      return;
    }
    this.#source?.pause();
    this.#write(bytes);
  }

  #next(): void {
    const held = this.#held;
    if (!this.#ended) this.#source?.resume();
    else if (held === undefined) this.#finish();
    else {
      this.#held = undefined;
      this.#write(held);
    }
  }

  #write(bytes: Uint8Array): void {
    const slice = bytes.length > SLICE_BYTES ? bytes.subarray(0, SLICE_BYTES) : bytes;
    this.#writing = true;
    this.#await();
    // What the upstream has said by now is read first: writing to one that has answered and gone would lose its answer.
    setImmediate(() => {
      if (this.#state !== 'sending') return;
      this.#settings.sink.write(slice, error => {
        this.#writing = false;
        this.#idle.disarm();
        if (error || this.#state !== 'sending') return;
        if (slice.length < bytes.length) this.#write(bytes.subarray(SLICE_BYTES));
        else this.#next();
      });
    });
  }

  #finish(): void {
    this.#await();
    this.#settings.sink.end(() => {
      this.#idle.disarm();
      if (this.#state !== 'sending') return;
      this.#state = 'sent';
      if (this.#source !== undefined) this.#unwatch(this.#source);
      if (!this.#answered) this.#settings.request.onUploadEnd();
    });
  }

  /** An upstream that has answered may leave the rest lying. */
  #await(): void {
    if (!this.#answered) this.#idle.arm();
  }

  #failAtSource(error: unknown): void {
    this.#failWith({
      cause: error ?? coded('upload source closed before its end', 'ERR_STREAM_PREMATURE_CLOSE'),
    });
  }

  #failAtLength(announced: number): void {
    const systemCode = 'ERR_HTTP_CONTENT_LENGTH_MISMATCH';
    const wrong = this.#length > announced ? 'more' : 'less';
    this.#failWith({
      systemCode,
      cause: coded(`upload has ${wrong} than its ${announced} bytes`, systemCode),
    });
  }

  #failWith(fault: { cause: unknown; systemCode?: string }): void {
    const { service, endpoint } = this.#settings.request;
    this.#fail(new NetworkError({ service, endpoint, phase: 'request', callerCause: true, ...fault }));
  }

  #fail(error: unknown): void {
    if (this.#state === 'sent' || this.#state === 'stopped') return;
    this.stop();
    this.#settings.onFailure(error);
  }
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
