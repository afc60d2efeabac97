import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import { ReceivedReply } from './received-reply.ts';

/**
 * Reads the body whole inside the attempt, so that a body that breaks is a failed attempt like any other.
 * Of a failing reply no more than an error message is worth keeping; streams and raw replies go on unread.
 */
export const bufferBody: Stage<DispatchScope, ReceivedReply> = async (scope, next) => {
  const reply = await next(scope);
  const { mode, settings } = scope.request;
  const failing = reply.status >= 400;
  if (mode === 'raw' || (mode === 'stream' && !failing)) return reply;
  const limit = failing ? settings.limits.maxErrorBodyBytes : settings.limits.maxResponseBytes;
  return new ReceivedReply(reply, reply.url, await reply.body.bytes(limit, failing));
};
