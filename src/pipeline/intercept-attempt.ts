import { ConfigurationError } from '../errors/configuration-error.ts';
import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { AttemptInterceptor, AttemptRequest, InterceptedReply } from '../options/client-options.ts';
import { cancellable } from '../time/cancellable.ts';
import { bufferReply } from '../transport/buffer-body.ts';
import { memoryBody } from '../transport/memory-body.ts';
import { plainBody } from '../transport/plain-body.ts';
import { isReply, isReplyBody, replyHeaders } from '../transport/plain-reply.ts';
import { ReceivedReply } from '../transport/received-reply.ts';
import type { Reply, ReplyBody, ResponseHeaders } from '../transport/transport.ts';
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
      return received !== undefined && reply === received ? received : await adopt(reply, received, scope);
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

/** A reply that the interceptor changed or made itself. */
async function adopt(
  reply: InterceptedReply,
  received: ReceivedReply | undefined,
  scope: DispatchScope,
): Promise<ReceivedReply> {
  if (!isReply(reply)) throw noReply(scope);
  const { status, bytes } = reply;
  const headers =
    received !== undefined && reply.headers === received.headers
      ? received.headers
      : replyHeaders(reply.headers);
  if (received !== undefined && reply.body === received.body && bytes === received.bytes) {
    const { body } = received;
    return bufferReply(new ReceivedReply({ status, headers, body }, received.url, bytes), scope);
  }
  const body = ownBody(reply, headers, received, scope);
  return bufferReply(new ReceivedReply({ status, headers, body }, scope.url), scope);
}

/** Of a body and bytes that contradict each other, the one that is the interceptor's own. */
function ownBody(
  { status, body: given, bytes }: InterceptedReply,
  headers: ResponseHeaders,
  received: ReceivedReply | undefined,
  { call, request, endpoint, method }: DispatchScope,
): ReplyBody {
  const { service, clock, cancellation } = call;
  const content = given === received?.body ? undefined : (given ?? undefined);
  if (content === undefined || (bytes !== undefined && bytes !== received?.bytes)) {
    received?.discard();
    return memoryBody(bytes ?? NO_BYTES, cancellation);
  }
  if (isReplyBody(content)) return content;
  // A stream may read the body that came: then that one is the interceptor's to look after.
  if (typeof content === 'string' || content instanceof Uint8Array) received?.discard();
  const wire = { service, endpoint: endpoint.url, method, idleMs: request.settings.timeout.idleMs };
  return plainBody({ content, status, headers, request: wire, clock, cancellation });
}

function noReply({ call }: DispatchScope): ConfigurationError {
  const message = 'must resolve to a reply with a status: is a "return" missing?';
  return new ConfigurationError({
    service: call.service,
    issues: [{ path: 'interceptors.attempt', message }],
  });
}

function ignore(): void {}
