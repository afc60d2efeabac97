import type { DispatchScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { Credentials } from './credentials.ts';

/** Sets `Authorization` for one attempt, with fresh credentials when the attempt before was answered 401. */
export function authorize(credentials: Credentials): Stage<DispatchScope, ReceivedReply> {
  return async (scope, next) => {
    const { attempt, endpoint, cancellation, headers } = scope;
    const authorization = attempt.refreshAuth
      ? await credentials.refresh(endpoint.url, cancellation)
      : await credentials.get(endpoint.url, cancellation);
    return next({ ...scope, headers: { ...headers, authorization } });
  };
}
