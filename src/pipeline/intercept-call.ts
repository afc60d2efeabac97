import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { Issue } from '../errors/issue.ts';
import type { CallInterceptor, CallRequest } from '../options/client-options.ts';
import { isToken } from '../options/option-rules.ts';
import { mergeHeaders } from '../request/request-headers.ts';
import { checkPath } from '../request/request-url.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { cancellable } from '../time/cancellable.ts';
import type { Answer } from './answer.ts';
import { completeAnswer } from './complete-answer.ts';
import type { CallScope } from './scopes.ts';
import type { Next, Stage } from './stage.ts';

/** Runs a user's interceptor once around a call. It may change the request or the answer, or answer itself. */
export function interceptCall(interceptor: CallInterceptor, events: EventSink): Stage<CallScope, Answer> {
  return async (scope, next) => {
    const { service, cancellation } = scope.call;
    const { method, path, headers, mode: kind, route, context, tags } = scope.request;
    const view: CallRequest = { service, method, path, headers, kind, route, context, tags };
    let inner: Promise<Answer> | undefined;
    let received: Answer | undefined;
    const run = async () => {
      const answer = await interceptor(view, changed => {
        inner = passOn(scope, view, changed, next);
        // An interceptor that does not wait for it must not leave a rejection unhandled.
        inner.then(reply => {
          received = reply;
        }, ignore);
        return inner;
      });
      return completeAnswer(answer, received, scope, events);
    };
    try {
      return await cancellable(run(), cancellation, discard);
    } catch (error) {
      const innerOver = inner?.then(discard, ignore);
      // What is inside is being cancelled too: it closes its books before the call does.
      if (cancellation.cancelled) await innerOver;
      throw error;
    }
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

/** A stream that nobody will read. */
function discard(answer: Answer): void {
  if ('body' in answer) answer.body.destroy();
}

function ignore(): void {}
