import { ConfigurationError } from '../errors/configuration-error.ts';
import { OpenedStream } from '../response/opened-stream.ts';
import type { StreamResponse } from '../response/stream-response.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { plainBody } from '../transport/plain-body.ts';
import { isReply, isReplyBody, type PlainReply, replyHeaders } from '../transport/plain-reply.ts';
import { ReceivedReply } from '../transport/received-reply.ts';
import type { Answer } from './answer.ts';
import type { CallScope } from './scopes.ts';

/** What an interceptor comes up with: a whole answer, or the little of one that it knows. */
type OwnAnswer = PlainReply & Readonly<Record<string, unknown>>;

/**
 * An interceptor's answer with all that a caller may look at: what it leaves out is as in `received`, the answer that it got
 * from `next`, else as in the call's books.
 */
export function completeAnswer(
  answer: unknown,
  received: Answer | undefined,
  scope: CallScope,
  events: EventSink,
): Answer {
  const content = scope.request.mode === 'buffered' ? 'data' : 'body';
  if (!isOwnAnswer(answer, content)) throw noAnswer(scope, content);
  if (received === undefined && content === 'body' && answer.completed === undefined) {
    return openOwn(answer, scope, events);
  }
  return fillIn(answer, content, received ?? booksOf(scope));
}

function isOwnAnswer(answer: unknown, content: string): answer is OwnAnswer {
  return typeof answer === 'object' && answer !== null && 'status' in answer && content in answer;
}

function noAnswer({ call }: CallScope, content: string): ConfigurationError {
  const message = `must resolve to a response with status and ${content}: is a "return" missing?`;
  return new ConfigurationError({
    service: call.service,
    issues: [{ path: 'interceptors.call', message }],
  });
}

/** Content of the interceptor's own as a streamed body like any other: with its end told, and ended with the call. */
function openOwn(answer: OwnAnswer, scope: CallScope, events: EventSink): StreamResponse {
  if (!isReply(answer)) throw noAnswer(scope, 'body');
  const { call, request } = scope;
  const { service, clock, cancellation } = call;
  const { status, body: content, url = '' } = answer;
  const endpoint = String(answer.endpoint ?? booksOf(scope).endpoint);
  const headers = replyHeaders(answer.headers);
  const wire = { service, endpoint, method: request.method, idleMs: request.settings.timeout.idleMs };
  const body = isReplyBody(content)
    ? content
    : plainBody({ content, status, headers, request: wire, clock, cancellation });
  const reply = new ReceivedReply({ status, headers, body }, String(url));
  return new OpenedStream(call, endpoint, reply, events).plain();
}

function booksOf({ call, request }: CallScope) {
  const { service, log: attempts, durationMs } = call;
  const books = { headers: {}, url: '', endpoint: attempts.at(-1)?.endpoint ?? '', service, attempts };
  return request.mode === 'buffered' ? { ok: true, ...books, durationMs, fromFallback: false } : books;
}

function fillIn(answer: OwnAnswer, content: 'data' | 'body', books: object): Answer {
  const known = Object.entries(books).filter(([key]) => key !== 'status' && key !== content);
  const gaps = known.filter(([key]) => answer[key] === undefined);
  if (gaps.length === 0) return answer as unknown as Answer;
  const headers = answer.headers && { headers: replyHeaders(answer.headers) };
  return { ...answer, ...Object.fromEntries(gaps), ...headers } as unknown as Answer;
}
