import { errorCode } from '../errors/error-code.ts';
import type { Call } from '../pipeline/call.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { BodyEnd } from '../transport/transport.ts';
import { rememberTrailers, type StreamCompletion, type StreamResponse } from './stream-response.ts';

/** Hands the body on as it arrives; `completed` and `stream:end` tell how it ended. */
export function openStream(
  call: Call,
  endpoint: string,
  reply: ReceivedReply,
  events: EventSink,
): StreamResponse {
  const { clock, service } = call;
  const headAt = clock.monotonic();
  const completed = new Promise<StreamCompletion>((resolve, reject) => {
    reply.whenEnded(end => {
      const completion = complete(end, call.durationMs, clock.monotonic() - headAt);
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
    body: reply.stream(),
    url: reply.url,
    endpoint,
    service,
    attempts: call.log,
    completed,
  };
  rememberTrailers(response, () => reply.body.trailers());
  return response;
}

function complete(
  { bytes, abandoned, resumes = 0 }: BodyEnd,
  durationMs: number,
  bodyMs: number,
): StreamCompletion {
  const bytesPerSecond = Math.round(bytes / (Math.max(1, bodyMs) / 1000));
  return { bytes, durationMs, bytesPerSecond, resumes, ...(abandoned && { aborted: true as const }) };
}

function tellEnd(
  call: Call,
  endpoint: string,
  end: BodyEnd,
  completion: StreamCompletion,
  events: EventSink,
): void {
  if (!events.wants('stream:end')) return;
  const { bytes, durationMs, bytesPerSecond } = completion;
  const code = errorCode(end.error);
  const aborted = end.abandoned || (end.error !== undefined && call.wasAborted(end.error));
  events.emit('stream:end', {
    ...call.labels,
    attempt: call.log.at(-1)?.number ?? 0,
    endpoint,
    bytes,
    durationMs,
    bytesPerSecond,
    outcome: aborted ? 'aborted' : end.error === undefined ? 'success' : 'failure',
    ...(code !== undefined && { code }),
  });
}
