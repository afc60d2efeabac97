import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { CallInterceptor, CallRequest } from '../options/client-options.ts';
import type { Issue } from '../errors/issue.ts';
import { isToken } from '../options/option-rules.ts';
import { mergeHeaders } from '../request/request-headers.ts';
import { checkPath } from '../request/request-url.ts';
import { cancellable } from '../time/cancellable.ts';
import type { Answer } from './answer.ts';
import type { CallScope } from './scopes.ts';
import type { Next, Stage } from './stage.ts';

/** Runs a user's interceptor once around a call. It may change the request or the answer, or answer itself. */
export function interceptCall(interceptor: CallInterceptor): Stage<CallScope, Answer> {
  return (scope, next) => {
    const { service, request } = { service: scope.call.service, request: scope.request };
    const { method, path, headers, mode: kind, route, context, tags } = request;
    const view: CallRequest = { service, method, path, headers, kind, route, context, tags };
    const run = async () => interceptor(view, changed => passOn(scope, view, changed, next));
    return cancellable(run(), scope.call.cancellation, discard);
  };
}

async function passOn(
  scope: CallScope,
  view: CallRequest,
  changed: CallRequest,
  next: Next<CallScope, Answer>,
): Promise<Answer> {
  if (changed === view) return next(scope);
  const issues: Issue[] = [];
  const method = changed.method.toUpperCase();
  if (!isToken(method)) issues.push({ path: 'method', message: 'expected a method such as "GET"' });
  const path = changed.path === view.path ? view.path : checkPath(changed.path, issues);
  const headers = changed.headers === view.headers ? view.headers : mergeHeaders({}, changed.headers, issues);
  if (issues.length > 0) throw new InvalidRequestError({ service: view.service, issues });
  const { request } = scope;
  // Whether it may be sent twice was decided for the method it had.
  const resendable = request.resendable && method === view.method;
  return next({ ...scope, request: { ...request, method, path, headers, resendable } });
}

/** An answer that came after the caller had left. */
function discard(answer: Answer): void {
  if ('body' in answer) answer.body.destroy();
}
