import { propagatedHeaders } from '../context/propagated-headers.ts';
import type { ResolvedOptions } from '../options/resolved-options.ts';
import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { ReceivedReply } from './received-reply.ts';

const NOTHING = Object.freeze({});
const CONTEXT_ONLY = { context: true, deadline: false };
const DEADLINE_ONLY = { context: false, deadline: true };

/** Adds what only this attempt knows: the context's ids under the call's own headers, the time left and the endpoint's `Host` over them. */
export function writeHeaders(propagate: ResolvedOptions['propagate']): Stage<DispatchScope, ReceivedReply> {
  return (scope, next) => {
    const { call, endpoint, request } = scope;
    const ids = propagate.context ? propagatedHeaders(request.context, undefined, CONTEXT_ONLY, 0) : NOTHING;
    const timeLeft = propagate.deadline ? deadlineHeader(call.deadline.remainingMs) : NOTHING;
    const host = endpoint.hostHeader === undefined ? NOTHING : { host: endpoint.hostHeader };
    const headers = { ...ids, ...scope.headers, ...timeLeft, ...host };
    return next({ ...scope, headers });
  };
}

function deadlineHeader(remainingMs: number): Readonly<Record<string, string>> {
  return Number.isFinite(remainingMs) ? propagatedHeaders(NOTHING, remainingMs, DEADLINE_ONLY, 0) : NOTHING;
}
