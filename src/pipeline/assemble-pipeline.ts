import { authorize } from '../auth/authorize.ts';
import { guardCircuit } from '../breaker/guard-circuit.ts';
import { limitConcurrency } from '../bulkhead/limit-concurrency.ts';
import type { ClientParts } from '../client-parts.ts';
import { enforceDeadline } from '../deadline/enforce-deadline.ts';
import { noticeDeprecation } from '../deprecation/notice-deprecation.ts';
import { pickEndpoint } from '../endpoints/pick-endpoint.ts';
import { versionPrefix } from '../options/version-options.ts';
import { answerCall } from '../response/answer-call.ts';
import { retryAttempts } from '../retry/retry-attempts.ts';
import { bufferBody } from '../transport/buffer-body.ts';
import { classifyReply } from '../transport/classify-reply.ts';
import { followRedirects } from '../transport/follow-redirects.ts';
import { limitAttemptTime } from '../transport/limit-attempt-time.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { sendRequest } from '../transport/send-request.ts';
import { writeHeaders } from '../transport/write-headers.ts';
import type { Answer } from './answer.ts';
import { interceptAttempt } from './intercept-attempt.ts';
import { interceptCall } from './intercept-call.ts';
import { reportCall } from './report-call.ts';
import type { AttemptScope, CallScope, DispatchScope } from './scopes.ts';
import { bridge, compose, type Next } from './stage.ts';

/** A call's whole way, from the outside in. Composed once per client; what is switched off is not on it. */
export function assemblePipeline(parts: ClientParts): Next<CallScope, Answer> {
  const { options, clock, events, endpoints, bulkhead, credentials, transport } = parts;
  const { interceptors, propagate } = options;

  const dispatch = compose<DispatchScope, ReceivedReply>(
    [
      guardCircuit,
      limitAttemptTime,
      classifyReply,
      credentials && authorize(credentials),
      followRedirects,
      writeHeaders(propagate),
      ...interceptors.attempt.map(interceptAttempt),
      bufferBody,
    ],
    sendRequest(transport),
  );

  const attempt: Next<AttemptScope, ReceivedReply> = bridge(
    pickEndpoint(endpoints, events, versionPrefix(options.version)),
    dispatch,
  );

  const exchange = compose<CallScope, ReceivedReply>(
    [noticeDeprecation(events, clock), bulkhead && limitConcurrency(bulkhead, events)],
    bridge(retryAttempts({ ...parts, hasAuth: credentials !== undefined }), attempt),
  );

  const answer = answerCall(events, interceptors.call.length > 0);

  return compose<CallScope, Answer>(
    [
      reportCall(events),
      enforceDeadline,
      ...interceptors.call.map(interceptor => interceptCall(interceptor, events)),
    ],
    scope => answer(scope, exchange),
  );
}
