import { StatusError } from '../errors/status-error.ts';
import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Step } from '../pipeline/stage.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { type Verdict, verdictOfError, verdictOfStatus } from './verdict.ts';

/** Tells the endpoint's circuit how the attempt went, at the end of the body when that is still to come. */
export const guardCircuit: Step<DispatchScope, ReceivedReply> = {
  replied(reply, scope) {
    const { bytes, status } = reply;
    if (bytes !== undefined) {
      report(scope, verdictOfStatus(status));
      return;
    }
    reply.whenEnded(({ error, abandoned }) => {
      if (abandoned) report(scope, 'neutral');
      else report(scope, error === undefined ? verdictOfStatus(status) : verdictOfFailure(error, scope));
    });
  },
  failed: (error, scope) => report(scope, verdictOfFailure(error, scope)),
};

function verdictOfFailure(error: unknown, { call, attempt, time }: DispatchScope): Verdict {
  if (!call.owns(error)) return 'neutral';
  // The call goes on with fresh credentials: that attempt will tell.
  if (attempt.mayRefreshAuth && error instanceof StatusError && error.status === 401) return 'neutral';
  return verdictOfError(error, time.hadSocket);
}

function report({ permit }: DispatchScope, verdict: Verdict): void {
  permit[verdict]();
}
