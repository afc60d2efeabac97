import type { Answer } from '../pipeline/answer.ts';
import type { CallScope } from '../pipeline/scopes.ts';
import type { Next } from '../pipeline/stage.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { cancellable } from '../time/cancellable.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { decodeBody } from './decode-body.ts';
import { openStream } from './open-stream.ts';
import { validateBody } from './validate-body.ts';

/** Makes the caller's answer of the reply. What does not decode or match is a contract breach: never sent again. */
export function answerCall(events: EventSink) {
  return async (scope: CallScope, next: Next<CallScope, ReceivedReply>): Promise<Answer> => {
    const reply = await next(scope);
    const { call, request } = scope;
    if (call.cancellation.cancelled) {
      reply.discard();
      throw call.cancellation.reason;
    }
    const endpoint = call.log.at(-1)?.endpoint ?? '';
    if (reply.bytes === undefined) return openStream(call, endpoint, reply, events);
    const { status, headers, url } = reply;
    const { service } = call;
    const { schema, responseType } = request;
    const decoded = decodeBody({ bytes: reply.bytes, headers, status, responseType, service, endpoint });
    // What a redirect's body looks like is nobody's contract.
    const data =
      schema === undefined || status >= 300
        ? decoded
        : await cancellable(
            validateBody({ schema, data: decoded, status, service, endpoint }),
            call.cancellation,
          );
    const { log: attempts, durationMs } = call;
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
  };
}
