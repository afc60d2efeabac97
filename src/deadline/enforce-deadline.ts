import type { CallScope } from '../pipeline/scopes.ts';
import type { Step } from '../pipeline/stage.ts';

/** Ends the call when its time is over. Outside the queue, so that waiting counts; a streamed body is past it. */
export const enforceDeadline: Step<CallScope, unknown> = {
  enter({ call }) {
    call.deadline.start();
    if (!call.cancellation.cancelled) return;
    call.deadline.stop();
    throw call.cancellation.reason;
  },
  replied: (_, { call }) => call.deadline.stop(),
  failed: (_, { call }) => call.deadline.stop(),
};
