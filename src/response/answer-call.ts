import { errorCode } from '../errors/error-code.ts';
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
    const read = async (bytes: Uint8Array) => {
      const data = decodeBody({ bytes, headers, status, responseType, service, endpoint });
      // What a redirect's body looks like is nobody's contract.
      if (schema === undefined || status >= 300) return data;
      return cancellable(validateBody({ schema, data, status, service, endpoint }), call.cancellation);
    };
    let data: unknown;
    try {
      data = await read(reply.bytes);
    } catch (error) {
      const record = call.log.at(-1);
      const code = errorCode(error);
      if (record !== undefined && code !== undefined && !call.wasAborted(error)) {
        Object.assign(record, { code, retry: { refused: 'not-retryable' } });
      }
      throw error;
    }
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
