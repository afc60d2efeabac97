import type { CallScope } from '../pipeline/scopes.ts';
import type { Next } from '../pipeline/stage.ts';

/** Ends the call when its time is over. Outside the queue, so that waiting counts; a streamed body is past it. */
export async function enforceDeadline<Reply>(scope: CallScope, next: Next<CallScope, Reply>): Promise<Reply> {
  const { call } = scope;
  call.deadline.start();
  try {
    call.cancellation.throwIfCancelled();
    return await next(scope);
  } finally {
    call.deadline.stop();
  }
}
