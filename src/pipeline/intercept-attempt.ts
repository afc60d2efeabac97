import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { AttemptInterceptor, AttemptRequest } from '../options/client-options.ts';
import { cancellable } from '../time/cancellable.ts';
import { memoryBody } from '../transport/memory-body.ts';
import { ReceivedReply } from '../transport/received-reply.ts';
import type { Reply } from '../transport/transport.ts';
import type { DispatchScope } from './scopes.ts';
import type { Stage } from './stage.ts';

/** Runs a user's interceptor around one request on the wire. It may change the request, the reply, or answer itself. */
export function interceptAttempt(interceptor: AttemptInterceptor): Stage<DispatchScope, ReceivedReply> {
  return async (scope, next) => {
    let received: ReceivedReply | undefined;
    const send = async (changed: AttemptRequest): Promise<Reply> => {
      received?.discard();
      received = await next(withChanges(scope, changed));
      return received;
    };
    try {
      const answer = async () => interceptor(new AttemptView(scope), send);
      const reply = await cancellable(answer(), scope.cancellation, () => received?.discard());
      return reply === received ? received : adopt(reply, received, scope);
    } catch (error) {
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

function adopt(reply: Reply, received: ReceivedReply | undefined, scope: DispatchScope): ReceivedReply {
  if (received !== undefined && reply.body === received.body) {
    return new ReceivedReply(reply, received.url, reply.bytes ?? received.bytes);
  }
  received?.discard();
  const bytes = reply.bytes ?? new Uint8Array();
  return new ReceivedReply({ ...reply, body: memoryBody(bytes) }, scope.url, bytes);
}
