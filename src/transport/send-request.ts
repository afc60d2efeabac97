import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Next } from '../pipeline/stage.ts';
import { EMPTY_BODY } from '../request/request-body.ts';
import { ReceivedReply } from './received-reply.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** The end of the line: one request on the wire. */
export function sendRequest(transport: Transport): Next<DispatchScope, ReceivedReply> {
  return scope => {
    const { cancellation, url } = scope;
    cancellation.throwIfCancelled();
    return transport.send(new WireRequest(scope)).then(reply => new ReceivedReply(reply, url));
  };
}

/**
 * A class, since it lives as long as its call: V8 comes to place such literals where only a full collection finds them, and with them
 * all that they hold. A third of all that calls made stayed that long.
 */
class WireRequest implements TransportRequest {
  readonly service: string;
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  readonly headers: TransportRequest['headers'];
  readonly body: TransportRequest['body'];
  readonly serverName: string | undefined;
  readonly connectMs: TransportRequest['connectMs'];
  readonly idleMs: TransportRequest['idleMs'];
  readonly decompress: boolean;
  readonly freshConnection: boolean;
  readonly cancellation: TransportRequest['cancellation'];
  // Its own, not its prototype's: a transport of the user's may hand a copy on. And not written in the constructor: V8 takes a function
  // that is written into a property for one that stays, and puts it where only full collections look.
  readonly onSocket = (): void => this.#time.onSocket();
  readonly onUploadStart = (): void => this.#time.onUploadStart();
  readonly onUploadEnd = (): void => this.#time.onUploadEnd();
  readonly onInformation: TransportRequest['onInformation'];
  readonly #time: DispatchScope['time'];

  constructor(scope: DispatchScope) {
    const { request, endpoint } = scope;
    this.#time = scope.time;
    const { connectMs, idleMs } = request.settings.timeout;
    this.service = scope.call.service;
    this.endpoint = endpoint.url;
    this.method = scope.method;
    this.url = scope.url;
    this.headers = scope.headers;
    this.body = scope.dropBody ? EMPTY_BODY : request.body;
    this.serverName = endpoint.serverName;
    this.connectMs = connectMs;
    this.idleMs = idleMs;
    this.decompress = request.decompress;
    this.freshConnection = scope.attempt.freshConnection;
    this.cancellation = scope.cancellation;
    this.onInformation = request.onInformation;
  }
}
