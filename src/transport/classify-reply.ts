import { StatusError } from '../errors/status-error.ts';
import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Step } from '../pipeline/stage.ts';
import { decodeBody } from '../response/decode-body.ts';
import { retryAfterMs } from '../retry/retry-after.ts';
import type { ReceivedReply } from './received-reply.ts';

const heldReplies = new WeakMap<StatusError, ReceivedReply>();

/** The reply behind a failing status whose body nobody has read: a passthrough hands it on when no retry follows. */
export function heldReply(error: unknown): ReceivedReply | undefined {
  return error instanceof StatusError ? heldReplies.get(error) : undefined;
}

/** Drops the body of such a reply, since another attempt follows. */
export function discardHeld(error: unknown): void {
  if (!(error instanceof StatusError)) return;
  heldReplies.get(error)?.discard();
  heldReplies.delete(error);
}

/** Turns a failing status into the failure that the stages above decide upon. */
export const classifyReply: Step<DispatchScope, ReceivedReply> = {
  replied(reply, scope) {
    if (reply.status < 400 || (scope.request.mode === 'raw' && isFinal(reply, scope))) return;
    const { call, endpoint, method } = scope;
    const error = new StatusError({
      service: call.service,
      endpoint: endpoint.url,
      method,
      status: reply.status,
      headers: reply.headers,
      data: errorData(reply, scope),
      retryAfterMs: retryAfterMs(reply.headers, call.clock.now()),
    });
    if (reply.bytes === undefined) heldReplies.set(error, reply);
    throw error;
  },
};

/** Whether no rule could send it again: then a reply that is handed on as it is needs no error made of it. */
function isFinal({ status, headers }: ReceivedReply, { request }: DispatchScope): boolean {
  const { retry } = request.settings;
  if (status === 401 || headers['x-should-retry'] !== undefined) return false;
  if (retry === false) return true;
  return (
    retry.shouldRetry === undefined && status !== 429 && status !== 503 && !retry.statusCodes.has(status)
  );
}

function errorData(reply: ReceivedReply, { call, endpoint }: DispatchScope): unknown {
  if (reply.bytes === undefined) return undefined;
  return decodeBody({
    bytes: reply.bytes,
    headers: reply.headers,
    status: reply.status,
    responseType: 'auto',
    service: call.service,
    endpoint: endpoint.url,
  });
}
