import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Step } from '../pipeline/stage.ts';

/** Ends the attempt's time when the attempt is over: at the end of a buffered body, at the head of a streamed one. */
export const limitAttemptTime: Step<DispatchScope, unknown> = {
  replied: (_, { time }) => time.stop(),
  failed: (_, { time }) => time.stop(),
};
