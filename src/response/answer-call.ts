import { errorCode } from '../errors/error-code.ts';
import type { Answer } from '../pipeline/answer.ts';
import type { Call } from '../pipeline/call.ts';
import type { CallScope } from '../pipeline/scopes.ts';
import type { Next } from '../pipeline/stage.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { cancellable } from '../time/cancellable.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { decodeBody } from './decode-body.ts';
import { OpenedStream } from './opened-stream.ts';
import { validateBody } from './validate-body.ts';

/**
 * Makes the caller's answer of the reply. What does not decode or match is a contract breach: never sent again.
 * `intercepted`: somebody looks at the answer on its way.
 */
export function answerCall(events: EventSink, intercepted: boolean) {
  return (scope: CallScope, next: Next<CallScope, ReceivedReply>): Promise<Answer> =>
    next(scope).then(reply => answerOf(reply, scope, events, intercepted));
}

function answerOf(
  reply: ReceivedReply,
  scope: CallScope,
  events: EventSink,
  intercepted: boolean,
): Answer | Promise<Answer> {
  const { call, request } = scope;
  if (call.cancellation.cancelled) {
    reply.discard();
    throw call.cancellation.reason;
  }
  const endpoint = call.log.at(-1)?.endpoint ?? '';
  const { bytes, status, headers } = reply;
  if (bytes === undefined) {
    const opened = new OpenedStream(call, endpoint, reply, events);
    return request.mode === 'raw' && !intercepted ? opened : opened.plain();
  }
  const { service } = call;
  const { schema, responseType } = request;
  try {
    const data = decodeBody({ bytes, headers, status, responseType, service, endpoint });
    // What a redirect's body looks like is nobody's contract.
    if (schema === undefined || status >= 300) return response(reply, endpoint, data, call);
    const valid = validateBody({ schema, data, status, service, endpoint });
    return cancellable(valid, call.cancellation).then(
      checked => response(reply, endpoint, checked, call),
      error => breach(error, call),
    );
  } catch (error) {
    return breach(error, call);
  }
}

function breach(error: unknown, call: Call): never {
  const record = call.log.at(-1);
  const code = errorCode(error);
  if (record !== undefined && code !== undefined && !call.wasAborted(error)) {
    Object.assign(record, { code, retry: { refused: 'not-retryable' } });
  }
  throw error;
}

function response(
  { status, headers, url }: ReceivedReply,
  endpoint: string,
  data: unknown,
  { service, log: attempts, durationMs }: Call,
): Answer {
  return {
    ok: true,
    status,
    headers,
    data,
    url,
    endpoint,
    service,
    attempts,
    durationMs,
    fromFallback: false,
  };
}
