import pRetry from 'p-retry';
import type { AttemptScope, CallScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import { heldReply } from '../transport/classify-reply.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { AttemptSeries, type RetryParts } from './attempt-series.ts';
import { resumable } from './resume-attempts.ts';

/**
 * Sends a call again while its failures, its budget and its time allow.
 * p-retry is entered at the first failure, which it is told as its attempt 1; the waits are decided and made in its `shouldRetry`.
 */
export function retryAttempts(parts: RetryParts): Stage<CallScope, ReceivedReply, AttemptScope> {
  return (scope, next) => {
    parts.budget?.deposit();
    const series = new AttemptSeries(parts, scope);
    const send = () => series.attempt(next);
    const handOver = (reply: ReceivedReply) =>
      reply.bytes === undefined ? resumable(series, reply, () => resend(series, send)) : reply;
    return send().then(handOver, error => {
      // Refused before the first attempt: there is nothing to decide.
      if (scope.call.log.length === 0) throw error;
      return resend(series, send).then(handOver);
    });
  };
}

/** What p-retry is told: it has opinions of its own about some errors, and the series knows the real one. */
const FAILED = new Error('an attempt failed');

const failed = () => Promise.reject(FAILED);

async function resend(series: AttemptSeries, send: () => Promise<ReceivedReply>): Promise<ReceivedReply> {
  const { cancellation } = series.scope.call;
  try {
    return await pRetry(number => (number === 1 ? Promise.reject(FAILED) : send().catch(failed)), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      shouldRetry: () => series.decideAndWait(),
    });
  } catch {
    if (cancellation.cancelled) throw cancellation.reason;
    const reply = heldReply(series.failure);
    if (reply !== undefined && series.scope.request.mode === 'raw') return reply;
    throw series.failure;
  }
}
