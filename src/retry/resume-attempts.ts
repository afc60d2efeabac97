import { NetworkError } from '../errors/network-error.ts';
import { isRest, type ResumePoint, resumeHeaders, resumePoint } from '../resume/resume-point.ts';
import { ResumedBody } from '../resume/resumed-body.ts';
import { ReceivedReply } from '../transport/received-reply.ts';
import type { AttemptSeries } from './attempt-series.ts';

/**
 * Lets a broken body go on where it stopped: as another attempt of the same series, under the rules for retries.
 * What is not provably the rest of the same bytes is not used; the body then fails with what broke it.
 */
export function resumable(
  series: AttemptSeries,
  reply: ReceivedReply,
  resend: () => Promise<ReceivedReply>,
): ReceivedReply {
  const { call, request } = series.scope;
  const point = request.maxResumes > 0 && reply.body.verbatim ? resumePoint(reply) : undefined;
  if (point === undefined) {
    reply.whenEnded(({ error }) => {
      if (error !== undefined) series.committed(error);
    });
    return reply;
  }
  const body = new ResumedBody(reply, {
    byteLength: point.last - point.first + 1,
    goOn: (error, received) => goOn(series, point, error, received, resend),
    giveUp: () => call.cancellation.cancel(new DOMException('the reader gave the body up', 'AbortError')),
    lengthFault: () => lengthFault(series),
  });
  return new ReceivedReply({ status: reply.status, headers: reply.headers, body }, reply.url);
}

async function goOn(
  series: AttemptSeries,
  point: ResumePoint,
  error: unknown,
  received: number,
  resend: () => Promise<ReceivedReply>,
): Promise<ReceivedReply> {
  const { call } = series.scope;
  if (call.cancellation.cancelled) throw error;
  series.takeUp(error, resumeHeaders(point, received));
  let rest: ReceivedReply;
  try {
    rest = await resend();
  } catch {
    throw call.cancellation.cancelled ? call.cancellation.reason : error;
  }
  if (rest.body.verbatim && isRest(point, received, rest)) return rest;
  rest.discard();
  series.committed(error);
  throw error;
}

function lengthFault({ scope }: AttemptSeries): NetworkError {
  const { service, log } = scope.call;
  const endpoint = log.at(-1)?.endpoint;
  return new NetworkError({
    service,
    endpoint,
    phase: 'body',
    systemCode: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
  });
}
