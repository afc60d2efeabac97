import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import { ReceivedReply } from './received-reply.ts';

/** Reads the body whole inside the attempt, so that a body that breaks is a failed attempt like any other. */
export const bufferBody: Stage<DispatchScope, ReceivedReply> = async (scope, next) =>
  bufferReply(await next(scope), scope);

/**
 * The reply with its body read whole, unless it goes on unread: streams and raw replies, and one that was read already.
 * Of a failing reply no more than an error message is worth keeping.
 */
export async function bufferReply(reply: ReceivedReply, { request }: DispatchScope): Promise<ReceivedReply> {
  const { mode, settings } = request;
  const failing = reply.status >= 400;
  if (reply.bytes !== undefined || mode === 'raw' || (mode === 'stream' && !failing)) return reply;
  const limit = failing ? settings.limits.maxErrorBodyBytes : settings.limits.maxResponseBytes;
  return new ReceivedReply(reply, reply.url, await reply.body.bytes(limit, failing));
}
