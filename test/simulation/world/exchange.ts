import { Writable } from 'node:stream';
import { NetworkError } from '../../../src/errors/network-error.ts';
import { TimeoutError } from '../../../src/errors/timeout-error.ts';
import type { Clock, Timer } from '../../../src/time/clock.ts';
import { startLimit } from '../../../src/time/limit-timer.ts';
import { type ReplyMessage, WireBody } from '../../../src/transport/reply-body.ts';
import type { Reply, TransportRequest } from '../../../src/transport/transport.ts';
import { UploadBody } from '../../../src/transport/upload-body.ts';
import type { Answer } from './answer.ts';
import type { Connection } from './connections.ts';
import { PacedContent } from './content.ts';
import type { Server, ServerSide } from './server.ts';

export interface ExchangeSettings {
  readonly request: TransportRequest;
  readonly server: Server;
  readonly connection: Connection;
  /** The client's: limits count on it. */
  readonly clock: Clock;
  /** What the network does. */
  readonly network: Clock;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  /** The server may have seen the request. */
  readonly onReached: () => void;
  readonly onAnswer: (answer: Answer) => void;
  /** Over, or of no interest to anybody any more. */
  readonly onOver: (reusable: boolean) => void;
}

/** One request and its reply on a network without sockets; its ends are those of the transports there are. */
export class Exchange implements ServerSide {
  readonly #settings: ExchangeSettings;
  #state: 'connecting' | 'sent' | 'answered' | 'over' = 'connecting';
  #timer: Timer | undefined;
  #upload: UploadBody | undefined;
  #content: PacedContent | undefined;
  #body: WireBody | undefined;

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
  }

  start(): void {
    const { request, server, connection } = this.#settings;
    server.opened(this);
    this.#prepareUpload();
    request.onSocket();
    if (connection === 'new') this.#connect();
    else this.#connected(connection === 'stale');
    request.cancellation.onCancel(this.#fail);
  }

  cut(): void {
    if (this.#state === 'connecting')
      this.#fail(this.#error({ phase: 'connect', systemCode: 'ECONNREFUSED', neverSent: true }));
    else {
      const phase = this.#state === 'answered' ? 'body' : 'response';
      this.#fail(this.#error({ phase, systemCode: 'ECONNRESET' }));
    }
  }

  #connect(): void {
    const connecting = this.#settings.server.connect();
    const { request, clock } = this.#settings;
    const { service, endpoint, connectMs } = request;
    if (connecting === 'refused') this.#later(1, () => this.cut());
    else if (connecting === 'no-such-name') {
      const error = this.#error({ phase: 'lookup', systemCode: 'ENOTFOUND', neverSent: true });
      this.#later(1, () => this.#fail(error));
    } else if (connecting === 'never') {
      if (connectMs === false) return;
      this.#timer = startLimit(clock, connectMs, ownStall =>
        this.#fail(new TimeoutError({ service, endpoint, scope: 'connect', timeoutMs: connectMs, ownStall })),
      );
    } else this.#later(connecting.afterMs, () => this.#connected(false));
  }

  #connected(stale: boolean): void {
    this.#state = 'sent';
    this.#settings.onReached();
    if (stale) this.#later(1, () => this.#fail(this.#error({ phase: 'response', staleConnection: true })));
    else if (this.#upload === undefined) this.#awaitHead();
    else this.#upload.start();
  }

  #prepareUpload(): void {
    const { request, clock } = this.#settings;
    const { body } = request;
    if (body.kind !== 'one-shot' && body.kind !== 'replayable') return;
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    sink.once('finish', () => this.#awaitHead());
    this.#upload = new UploadBody({ body, sink, flushHead: () => {}, request, clock, onFailure: this.#fail });
  }

  #awaitHead(): void {
    if (this.#state === 'over') return;
    const answer = this.#settings.server.answer(this.#settings.request);
    if (answer.headMs !== undefined) this.#later(answer.headMs, () => this.#head(answer));
  }

  #head(answer: Answer): void {
    const { clock, network, resolve, onAnswer } = this.#settings;
    if (answer.failure !== undefined) {
      const systemCode = answer.failure === 'reset' ? 'ECONNRESET' : 'HPE_INVALID_CONSTANT';
      this.#fail(this.#error({ phase: 'response', systemCode }));
      return;
    }
    this.#state = 'answered';
    onAnswer(answer);
    const { status, headers } = answer;
    const message = { statusCode: status, headers, complete: false, trailers: {} };
    const whole = () => Object.assign(message, { complete: true });
    this.#content = new PacedContent(network, answer.content, whole, () => this.cut());
    this.#upload?.headArrived();
    this.#body = this.#wireBody(this.#content, message, clock);
    resolve({ status, headers: { ...headers }, body: this.#body });
  }

  #wireBody(source: PacedContent, message: ReplyMessage, clock: Clock): WireBody {
    const { request, onOver } = this.#settings;
    const body = new WireBody({
      source,
      message,
      request,
      clock,
      codings: undefined,
      onWhole: () => this.#end(true),
      onAbandoned: () => this.#end(false),
      onBroken: this.#fail,
    });
    const { discard } = body;
    body.discard = () => {
      onOver(false);
      discard.call(body);
    };
    return body;
  }

  readonly #fail = (error: unknown): void => {
    if (this.#state === 'over') return;
    const answered = this.#state === 'answered';
    this.#end(false);
    if (answered) this.#body?.break(error);
    else this.#settings.reject(error);
  };

  #end(reusable: boolean): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    const { request, server, onOver } = this.#settings;
    request.cancellation.offCancel(this.#fail);
    this.#timer?.clear();
    this.#content?.stop();
    this.#upload?.stop();
    server.closed(this);
    onOver(reusable);
  }

  #later(ms: number, fn: () => void): void {
    this.#timer = this.#settings.network.setTimeout(fn, ms);
  }

  #error(fault: Omit<ConstructorParameters<typeof NetworkError>[0], 'service' | 'endpoint'>): NetworkError {
    const { service, endpoint } = this.#settings.request;
    return new NetworkError({ service, endpoint, ...fault });
  }
}
