import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { type Verdict, verdictOfError, verdictOfStatus } from './verdict.ts';

/** Tells the endpoint's circuit how the attempt went, at the end of the body when that is still to come. */
export const guardCircuit: Stage<DispatchScope, ReceivedReply> = async (scope, next) => {
  let reply: ReceivedReply;
  try {
    reply = await next(scope);
  } catch (error) {
    report(scope, scope.call.wasAborted(error) ? 'neutral' : verdictOfError(error, scope.time.hadSocket));
    throw error;
  }
  if (reply.bytes !== undefined) report(scope, verdictOfStatus(reply.status));
  else {
    reply.whenEnded(({ error, abandoned }) => {
      if (abandoned || (error !== undefined && scope.call.wasAborted(error))) report(scope, 'neutral');
      else report(scope, error === undefined ? verdictOfStatus(reply.status) : verdictOfError(error, true));
    });
  }
  return reply;
};

function report({ permit }: DispatchScope, verdict: Verdict): void {
  permit[verdict]();
}
