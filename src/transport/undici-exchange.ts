import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { NetworkError } from '../errors/network-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import type { Clock } from '../time/clock.ts';
import { type ContentCodings, contentCodings, decodedHeaders } from './content-decoding.ts';
import type { ContentSource } from './content-source.ts';
import { type ReplyMessage, WireBody, type WireBodySettings } from './reply-body.ts';
import { translateUndiciError } from './translate-undici-error.ts';
import type { Reply, ResponseHeaders, TransportRequest } from './transport.ts';
import type { UndiciConnection } from './undici-connection.ts';
import { UndiciContent } from './undici-content.ts';
import { responseHeaders } from './undici-headers.ts';
import { endsWithConnection, isFalseAlarm } from './undici-message-end.ts';
import { DispatchOptions } from './undici-request.ts';
import { UndiciUpload } from './undici-upload.ts';
import { UploadBody } from './upload-body.ts';
import { WireReply } from './wire-reply.ts';

/** What puts an exchange on the wire. */
export interface ExchangeCarrier {
  carry(exchange: UndiciExchange): void;
  /** It is over; what has not been started need not be. */
  withdraw(exchange: UndiciExchange): void;
}

type Headers = Record<string, string | string[] | undefined>;

/**
 * One request and its reply, and undici's handler of them, from the moment it is carried until the body has been read. It ends once:
 * whole, abandoned or failed; what undici reports afterwards is dropped.
 */
export class UndiciExchange implements Dispatcher.DispatchHandler, ReplyMessage, WireBodySettings {
  readonly request: TransportRequest;
  readonly options: DispatchOptions;
  statusCode = 0;
  headers: ResponseHeaders = {};
  trailers: ResponseHeaders = {};
  complete = false;
  codings: ContentCodings | undefined;
  readonly clock: Clock;
  readonly #carrier: ExchangeCarrier;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: unknown) => void;
  #state: 'waiting' | 'answered' | 'over' = 'waiting';
  #connection: UndiciConnection | undefined;
  /** What a socket from the pool had read before. */
  #bytesBefore: number | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #upload: UploadBody | undefined;
  #content: UndiciContent | undefined;
  #body: WireBody | undefined;

  constructor(
    request: TransportRequest,
    clock: Clock,
    carrier: ExchangeCarrier,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ) {
    this.request = request;
    this.clock = clock;
    this.#carrier = carrier;
    this.#resolve = resolve;
    this.#reject = reject;
    const { body } = request;
    let sink: UndiciUpload | undefined;
    if (body.kind !== 'empty' && body.kind !== 'buffered') {
      sink = new UndiciUpload();
      // undici sends the head with the first bytes.
      const flushHead = () => {};
      this.#upload = new UploadBody({ body, sink, flushHead, request, clock, onFailure: this.#fail });
    }
    this.options = new DispatchOptions(request, sink);
  }

  get origin(): string {
    return this.options.origin;
  }

  start(): void {
    this.request.cancellation.onCancel(this.#onCancel);
    // It may have been cancelled already.
    if (this.#state === 'waiting') this.#carrier.carry(this);
  }

  /** A connection of the pool is this request's, though perhaps not made yet. */
  onCarried(connection: UndiciConnection): void {
    this.#connection = connection;
    this.request.onSocket();
  }

  onConnectTimeout(timeoutMs: number, ownStall: boolean): void {
    const { service, endpoint } = this.request;
    this.#fail(new TimeoutError({ service, endpoint, scope: 'connect', timeoutMs, ownStall }));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#state === 'over') {
      controller.abort(ABANDONED);
      return;
    }
    this.#controller = controller;
    const connection = this.#connection;
    if (connection === undefined) this.request.onSocket();
    else if (connection.begin()) this.#bytesBefore = connection.bytesRead;
    this.#upload?.start();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, raw: Headers): void {
    if (this.#state !== 'waiting') return;
    // What comes before the answer tells nothing of it.
    if (status < 200) {
      this.request.onInformation?.({ status, headers: responseHeaders(raw) });
      return;
    }
    this.#state = 'answered';
    this.#upload?.headArrived();
    const { request } = this;
    const headers = responseHeaders(raw);
    const codings = request.decompress ? contentCodings(headers) : undefined;
    this.statusCode = status;
    this.headers = headers;
    this.codings = codings;
    this.#content = new UndiciContent(controller);
    this.#body = new WireBody(this);
    this.#resolve(
      new WireReply(status, codings === undefined ? headers : decodedHeaders(headers), this.#body),
    );
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'answered') this.#content?.push(chunk);
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: Headers): void {
    if (this.#state !== 'answered') return;
    const connection = this.#connection;
    if (connection?.failure !== undefined && endsWithConnection(this.request, this.headers)) {
      this.#fail(this.#translate(connection.failure));
      return;
    }
    this.complete = true;
    this.trailers = responseHeaders(trailers);
    // The rest of an upload that the upstream did not wait for is of no use, nor is its connection.
    if (this.#upload === undefined || this.#upload.sent) {
      this.#connection = undefined;
      connection?.free();
    }
    this.#content?.end();
  }

  onResponseError(controller: Dispatcher.DispatchController, error: unknown): void {
    if (this.#state === 'over' || this.complete) return;
    if (isFalseAlarm(this.statusCode, error)) this.onResponseEnd(controller, {});
    else this.#fail(this.#translate(error));
  }

  /** Nobody asked for another protocol. */
  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    _status: number,
    _headers: Headers,
    socket: Duplex,
  ): void {
    socket.on('error', () => {});
    socket.destroy();
    const { service, endpoint } = this.request;
    this.#fail(
      new NetworkError({ service, endpoint, phase: 'response', systemCode: 'HPE_UNEXPECTED_UPGRADE' }),
    );
  }

  readonly #onCancel = (reason: unknown): void => this.#fail(reason);

  readonly #fail = (error: unknown): void => {
    if (this.#state === 'over') return;
    this.onAbandoned();
    if (this.#body === undefined) this.#reject(error);
    else this.#body.break(error);
  };

  get message(): ReplyMessage {
    return this;
  }

  get source(): ContentSource {
    return this.#content as UndiciContent;
  }

  onBroken(error: unknown): void {
    this.#fail(error);
  }

  onWhole(): void {
    if (this.#upload === undefined || this.#upload.sent) this.#end();
    else this.onAbandoned();
  }

  onAbandoned(): void {
    if (this.#state === 'over') return;
    this.#end();
    this.#upload?.stop();
    if (this.complete && this.#connection === undefined) return;
    this.#controller?.abort(ABANDONED);
    if (this.#connection === undefined) this.#carrier.withdraw(this);
    else this.#connection.drop();
  }

  #end(): void {
    this.#state = 'over';
    this.request.cancellation.offCancel(this.#onCancel);
  }

  #translate(error: unknown): unknown {
    const { service, endpoint } = this.request;
    const connection = this.#connection;
    return translateUndiciError(connection?.failure ?? error, {
      service,
      endpoint,
      handshaking: connection?.handshaking === true,
      uploading: this.#upload !== undefined && !this.#upload.sent,
      headArrived: this.#state === 'answered',
      silentSinceReuse: this.#bytesBefore !== undefined && connection?.bytesRead === this.#bytesBefore,
    });
  }
}

/** undici wants a reason. */
const ABANDONED = new Error('abandoned');
