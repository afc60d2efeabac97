import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { ReceivedReply } from './received-reply.ts';

/** Ends the attempt's time when the attempt is over: at the end of a buffered body, at the head of a streamed one. */
export const limitAttemptTime: Stage<DispatchScope, ReceivedReply> = async (scope, next) => {
  try {
    return await next(scope);
  } finally {
    scope.time.stop();
  }
};
