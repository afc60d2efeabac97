import { contextHeaders, deadlineHeader } from '../context/propagated-headers.ts';
import type { ResolvedOptions } from '../options/resolved-options.ts';
import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { ReceivedReply } from './received-reply.ts';

/** Adds what only this attempt knows: the context's ids under the call's own headers, the time left and the endpoint's `Host` over them. */
export function writeHeaders(propagate: ResolvedOptions['propagate']): Stage<DispatchScope, ReceivedReply> {
  return (scope, next) => {
    const { call, endpoint, request } = scope;
    const carries = propagate.context && !isEmpty(request.context);
    if (!carries && !propagate.deadline && endpoint.hostHeader === undefined) return next(scope);
    const { remainingMs } = call.deadline;
    const headers = {
      ...(carries && contextHeaders(request.context)),
      ...scope.headers,
      ...(propagate.deadline && Number.isFinite(remainingMs) && deadlineHeader(remainingMs)),
      ...(endpoint.hostHeader !== undefined && { host: endpoint.hostHeader }),
    };
    return next({ ...scope, headers });
  };
}

function isEmpty(context: object): boolean {
  for (const _ in context) return false;
  return true;
}
