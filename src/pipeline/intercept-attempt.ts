import { ConfigurationError } from '../errors/configuration-error.ts';
import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { AttemptInterceptor, AttemptRequest, InterceptedReply } from '../options/client-options.ts';
import { cancellable } from '../time/cancellable.ts';
import { bufferReply } from '../transport/buffer-body.ts';
import { memoryBody } from '../transport/memory-body.ts';
import { ReceivedReply } from '../transport/received-reply.ts';
import type { Reply } from '../transport/transport.ts';
import type { DispatchScope } from './scopes.ts';
import type { Stage } from './stage.ts';

const NO_BYTES = new Uint8Array();

/** Runs a user's interceptor around one request on the wire. It may change the request, the reply, or answer itself. */
export function interceptAttempt(interceptor: AttemptInterceptor): Stage<DispatchScope, ReceivedReply> {
  return async (scope, next) => {
    let received: ReceivedReply | undefined;
    let over = false;
    const pass = async (changed: AttemptRequest): Promise<Reply> => {
      received?.discard();
      received = await next(withChanges(scope, changed));
      if (over) received.discard();
      return received;
    };
    const send = (changed: AttemptRequest) => {
      const sent = pass(changed);
      // An interceptor that does not wait for it must not leave a rejection unhandled.
      sent.catch(ignore);
      return sent;
    };
    try {
      const answer = async () => interceptor(new AttemptView(scope), send);
      const reply = await cancellable(answer(), scope.cancellation);
      return reply === received ? received : await adopt(reply, received, scope);
    } catch (error) {
      over = true;
      received?.discard();
      throw error;
    }
  };
}

/** What an interceptor sees. The signal costs something, so it is made when looked at, and a copy leaves it out. */
class AttemptView implements AttemptRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: AttemptRequest['headers'];
  readonly attempt: number;
  readonly endpoint: string;
  readonly #scope: DispatchScope;

  constructor(scope: DispatchScope) {
    this.method = scope.method;
    this.url = scope.url;
    this.headers = scope.headers;
    this.attempt = scope.attempt.number;
    this.endpoint = scope.endpoint.url;
    this.#scope = scope;
  }

  get signal(): AbortSignal {
    return this.#scope.cancellation.signal;
  }
}

function withChanges(scope: DispatchScope, { method, url, headers }: AttemptRequest): DispatchScope {
  if (url !== scope.url && URL.parse(url)?.origin !== new URL(scope.url).origin) {
    throw new InvalidRequestError({
      service: scope.call.service,
      issues: [{ path: 'interceptors.attempt', message: 'must not send the request to another origin' }],
    });
  }
  const lowerCased =
    headers === scope.headers
      ? headers
      : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { ...scope, method: method.toUpperCase(), url, headers: lowerCased };
}

/** A reply that the interceptor changed or made itself: of a new body it gives the bytes. */
async function adopt(
  reply: InterceptedReply,
  received: ReceivedReply | undefined,
  scope: DispatchScope,
): Promise<ReceivedReply> {
  if (typeof reply?.status !== 'number') throw noReply(scope);
  const { status, headers = {}, bytes } = reply;
  const isReceivedBody = received !== undefined && reply.body === received.body;
  if (isReceivedBody && bytes === received.bytes) {
    const { body } = received;
    return bufferReply(new ReceivedReply({ status, headers, body }, received.url, bytes), scope);
  }
  received?.discard();
  const { call, url } = scope;
  const ownBody = isReceivedBody ? undefined : reply.body;
  const body = bytes === undefined && ownBody ? ownBody : memoryBody(bytes ?? NO_BYTES, call.cancellation);
  return bufferReply(new ReceivedReply({ status, headers, body }, url), scope);
}

function noReply({ call }: DispatchScope): ConfigurationError {
  const message = 'must resolve to a reply with a status: is a "return" missing?';
  return new ConfigurationError({
    service: call.service,
    issues: [{ path: 'interceptors.attempt', message }],
  });
}

function ignore(): void {}
