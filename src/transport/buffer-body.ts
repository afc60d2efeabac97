import { NetworkError } from '../errors/network-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import type { Call } from '../pipeline/call.ts';
import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import { ReceivedReply } from './received-reply.ts';

const NO_BYTES = new Uint8Array();

/** Reads the body whole inside the attempt, so that a body that breaks is a failed attempt like any other. */
export const bufferBody: Stage<DispatchScope, ReceivedReply> = (scope, next) =>
  next(scope).then(reply => bufferReply(reply, scope));

/**
 * The reply with its body read whole, unless it goes on unread: streams and raw replies, and one that was read already.
 * Of a failing reply no more than an error message is worth keeping.
 */
export function bufferReply(
  reply: ReceivedReply,
  { call, request }: DispatchScope,
): Promise<ReceivedReply> | ReceivedReply {
  const { mode, settings } = request;
  const failing = reply.status >= 400;
  if (reply.bytes !== undefined || mode === 'raw' || (mode === 'stream' && !failing)) return reply;
  const { maxErrorBodyBytes, maxResponseBytes } = settings.limits;
  const whole = (bytes: Uint8Array) => new ReceivedReply(reply, reply.url, bytes);
  if (!failing) return reply.body.bytes(maxResponseBytes, false).then(whole);
  return reply.body.bytes(maxErrorBodyBytes, true).then(whole, error => whole(withoutBody(error, call)));
}

/** A failing status says more than the break of the body that would have explained it: a 404 is none to be sent again. */
function withoutBody(error: unknown, call: Call): Uint8Array {
  const broke = error instanceof NetworkError || error instanceof TimeoutError;
  if (!broke || call.cancellation.cancelled) throw error;
  return NO_BYTES;
}
