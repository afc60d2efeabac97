import { errorCode } from '../errors/error-code.ts';
import type { Call } from '../pipeline/call.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { bytesPerSecond } from '../time/throughput.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { BodyEnd } from '../transport/transport.ts';
import { streamProgress } from './stream-progress.ts';
import { rememberBody, type StreamCompletion, type StreamResponse } from './stream-response.ts';

/** Hands the body on as it arrives; `stream:progress` tells how far it is, `completed` and `stream:end` how it ended. */
export function openStream(
  call: Call,
  endpoint: string,
  reply: ReceivedReply,
  events: EventSink,
): StreamResponse {
  const { clock, service } = call;
  const headAt = clock.monotonic();
  const { cancellation } = call;
  // The transport has let go of a body that has arrived whole; what its reader has not taken yet still ends with the call.
  let cutOff: { readonly error: unknown } | undefined;
  let over = false;
  const onCancel = (error: unknown) => {
    if (response.body.destroyed) return;
    cutOff = { error };
    response.body.destroy(error as Error);
  };
  const completed = new Promise<StreamCompletion>((resolve, reject) => {
    reply.whenEnded(bodyEnd => {
      cancellation.offCancel(onCancel);
      over = true;
      const end = cutOff === undefined ? bodyEnd : { bytes: bodyEnd.bytes, abandoned: false, ...cutOff };
      const completion = complete(call, reply, end, clock.monotonic() - headAt);
      tellEnd(call, endpoint, end, completion, events);
      call.bodyEnded();
      if (end.error === undefined) resolve(completion);
      else reject(end.error);
    });
  });
  completed.catch(() => {
    // The body itself throws the same error: nobody has to look here.
  });
  call.bodyOpened();
  const response: StreamResponse = {
    status: reply.status,
    headers: reply.headers,
    body: reply.stream(streamProgress(call, headAt, events)),
    url: reply.url,
    endpoint,
    service,
    attempts: call.log,
    completed,
  };
  rememberBody(response, reply.body);
  if (!over) cancellation.onCancel(onCancel);
  return response;
}

function complete(
  { durationMs }: Call,
  { body }: ReceivedReply,
  { bytes, abandoned }: BodyEnd,
  bodyMs: number,
): StreamCompletion {
  return {
    bytes,
    durationMs,
    bytesPerSecond: bytesPerSecond(bytes, bodyMs),
    resumes: body.resumes ?? 0,
    ...(abandoned && { aborted: true as const }),
  };
}

function tellEnd(
  call: Call,
  endpoint: string,
  end: BodyEnd,
  completion: StreamCompletion,
  events: EventSink,
): void {
  if (!events.wants('stream:end')) return;
  const { bytes, durationMs, bytesPerSecond, resumes } = completion;
  // A body that was taken up again may have ended somewhere else than it began.
  const last = call.log.at(-1);
  const code = errorCode(end.error);
  const aborted = end.abandoned || (end.error !== undefined && call.wasAborted(end.error));
  events.emit('stream:end', {
    ...call.labels,
    attempt: last?.number ?? 0,
    endpoint: last?.endpoint ?? endpoint,
    bytes,
    durationMs,
    bytesPerSecond,
    resumes,
    outcome: aborted ? 'aborted' : end.error === undefined ? 'success' : 'failure',
    ...(code !== undefined && { code }),
  });
}
