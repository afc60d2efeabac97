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
  const { maxResumes } = series.scope.request;
  const point = maxResumes > 0 ? resumePoint(reply) : undefined;
  if (point === undefined) {
    reply.whenEnded(({ error }) => {
      if (error !== undefined) series.committed(error);
    });
    return reply;
  }
  const body = new ResumedBody(reply, (error, received) => goOn(series, point, error, received, resend));
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
  if (isRest(point, received, rest)) return rest;
  rest.discard();
  throw error;
}
