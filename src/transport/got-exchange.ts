import type { ClientRequest, IncomingMessage, InformationEvent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { NetworkError } from '../errors/network-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import type { Clock } from '../time/clock.ts';
import { ConnectLimit } from './connect-limit.ts';
import { type ContentCodings, contentCodings, decodedHeaders } from './content-decoding.ts';
import type { ContentSource } from './content-source.ts';
import { ContinueWait, expectsContinue } from './continue-wait.ts';
import { MessageContent } from './message-content.ts';
import { releaseListeners } from './release-listeners.ts';
import { WireBody, type WireBodySettings } from './reply-body.ts';
import { isHandshaking } from './tls-connections.ts';
import { translateGotError } from './translate-got-error.ts';
import type { Reply, ResponseHeaders, TransportRequest } from './transport.ts';
import { UploadBody } from './upload-body.ts';
import { WireReply } from './wire-reply.ts';

export interface ExchangeSettings {
  /** got's stream of the request. */
  readonly stream: Duplex;
  readonly request: TransportRequest;
  readonly clock: Clock;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One request and its reply, from the moment got has it until the body has ended. It ends once: whole, abandoned or failed;
 * got is cancelled with `destroy()`, and whatever it or Node reports afterwards is dropped.
 */
export class GotExchange implements WireBodySettings {
  readonly #settings: ExchangeSettings;
  #state: 'waiting' | 'answered' | 'over' = 'waiting';
  #wire: ClientRequest | undefined;
  #socket: Socket | undefined;
  /** What a socket from the pool had read before. */
  #bytesBefore: number | undefined;
  #connect: ConnectLimit | undefined;
  #upload: UploadBody | undefined;
  #continueWait: ContinueWait | undefined;
  #message: IncomingMessage | undefined;
  #codings: ContentCodings | undefined;
  #body: WireBody | undefined;

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
  }

  start(): void {
    const { stream, request } = this.#settings;
    // Never taken off: an 'error' without a listener ends the process, and got may report one long after the end.
    stream.on('error', this.#onGotError);
    stream.on('request', this.#onRequest);
    stream.on('socket', this.#onSocket);
    stream.on('upgrade', this.#onUpgrade);
    stream.on('response', this.#onResponse);
    if (request.onInformation !== undefined) stream.on('information', this.#onInformation);
    this.#sendBody();
    // Last, since it may be cancelled already.
    request.cancellation.onCancel(this.#onCancel);
  }

  #sendBody(): void {
    const { stream, request, clock } = this.#settings;
    const { body, method } = request;
    if (body.kind === 'buffered') stream.end(body.bytes);
    else if (body.kind === 'empty') {
      // got ends these itself.
      if (method !== 'GET' && method !== 'HEAD') stream.end();
    } else {
      this.#upload = new UploadBody({
        body,
        sink: stream,
        flushHead: () => this.#wire?.flushHeaders(),
        request,
        clock,
        onFailure: this.#fail,
      });
    }
  }

  readonly #onRequest = (wire: ClientRequest): void => {
    this.#wire = wire;
    wire.on('error', this.#onWireError);
    wire.on('close', this.#onWireClose);
  };

  /** Last, after whoever else listened. got never closes the stream of a request that went well. */
  readonly #onWireClose = (): void => {
    if (this.#state !== 'over') return;
    releaseListeners(this.#wire as ClientRequest);
    releaseListeners(this.#settings.stream);
  };

  readonly #onSocket = (socket: Socket): void => {
    const { request, clock } = this.#settings;
    this.#socket = socket;
    request.onSocket();
    if (!socket.connecting) {
      if (this.#wire?.reusedSocket === true) this.#bytesBefore = socket.bytesRead;
      this.#startUpload();
      return;
    }
    const { service, endpoint, connectMs } = request;
    this.#connect = new ConnectLimit(socket, {
      clock,
      connectMs,
      onExpire: (timeoutMs, ownStall) =>
        this.#fail(new TimeoutError({ service, endpoint, scope: 'connect', timeoutMs, ownStall })),
      onConnected: () => this.#startUpload(),
    });
  };

  #startUpload(): void {
    const { stream, request, clock } = this.#settings;
    const upload = this.#upload;
    if (upload === undefined || !expectsContinue(request)) {
      upload?.start();
      return;
    }
    const wait = new ContinueWait(clock, () => upload.start());
    this.#continueWait = wait;
    // The attempt's own time may be shorter than the wait.
    request.onUploadStart();
    stream.once('continue', wait.over);
    this.#wire?.flushHeaders();
  }

  readonly #onInformation = ({ statusCode, headers }: InformationEvent): void => {
    if (this.#state !== 'waiting') return;
    this.#settings.request.onInformation?.({ status: statusCode, headers: headers as ResponseHeaders });
  };

  readonly #onResponse = (message: IncomingMessage): void => {
    if (this.#state !== 'waiting') return;
    this.#state = 'answered';
    const { request, resolve } = this.#settings;
    this.#message = message;
    message.on('close', this.#onMessageClose);
    // Answered without the body, if it still waits: nobody is to send it any more.
    this.#continueWait?.stop();
    this.#upload?.headArrived();
    const headers = message.headers as ResponseHeaders;
    const codings = request.decompress ? contentCodings(headers) : undefined;
    this.#codings = codings;
    this.#body = new WireBody(this);
    const given = codings === undefined ? headers : decodedHeaders(headers);
    resolve(new WireReply(message.statusCode ?? 0, given, this.#body));
  };

  readonly #onMessageClose = (): void => releaseListeners(this.message);

  get source(): ContentSource {
    return new MessageContent(this.message);
  }

  get message(): IncomingMessage {
    return this.#message as IncomingMessage;
  }

  get request(): TransportRequest {
    return this.#settings.request;
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  get codings(): ContentCodings | undefined {
    return this.#codings;
  }

  onBroken(error: unknown): void {
    this.#fail(error);
  }

  /** Nobody asked for another protocol, and Node has let go of the socket. */
  readonly #onUpgrade = (_message: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => {});
    socket.destroy();
    const { service, endpoint } = this.#settings.request;
    this.#fail(
      new NetworkError({ service, endpoint, phase: 'response', systemCode: 'HPE_UNEXPECTED_UPGRADE' }),
    );
  };

  readonly #onCancel = (reason: unknown): void => this.#fail(reason);

  readonly #onGotError = (error: unknown): void => {
    if (this.#state !== 'over') this.#fail(this.#translate(error));
  };

  /**
   * got passes over errors of a connection that has brought a head already. Without a length, such a body would then
   * seem to have ended well.
   */
  readonly #onWireError = (error: unknown): void => {
    if (this.#state === 'over' || this.#message?.complete === true) return;
    this.#fail(this.#translate(error));
  };

  readonly #fail = (error: unknown): void => {
    if (this.#state === 'over') return;
    const { reject } = this.#settings;
    this.onAbandoned();
    if (this.#body === undefined) reject(error);
    else this.#body.break(error);
  };

  onWhole(): void {
    // The rest of an upload that the upstream did not wait for is of no use, nor is its connection.
    if (this.#upload === undefined || this.#upload.sent) this.#end();
    else this.onAbandoned();
  }

  onAbandoned(): void {
    if (this.#state === 'over') return;
    this.#end();
    this.#connect?.stop();
    this.#continueWait?.stop();
    this.#upload?.stop();
    this.#settings.stream.destroy();
  }

  #end(): void {
    this.#state = 'over';
    this.#settings.request.cancellation.offCancel(this.#onCancel);
  }

  #translate(error: unknown): unknown {
    const { service, endpoint } = this.#settings.request;
    const socket = this.#socket;
    return translateGotError(error, {
      service,
      endpoint,
      handshaking: socket !== undefined && isHandshaking(socket),
      uploading: this.#upload !== undefined && !this.#upload.sent,
      headArrived: this.#message !== undefined,
      silentSinceReuse: this.#bytesBefore !== undefined && socket?.bytesRead === this.#bytesBefore,
    });
  }
}
