import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { Issue } from '../errors/issue.ts';
import type { ResolvedOptions } from '../options/resolved-options.ts';
import type { RawCall } from '../passthrough/raw-call.ts';
import { callContext } from './call-context.ts';
import { IDEMPOTENCY_KEY, isResendableMethod } from './idempotency.ts';
import { mergeHeaders } from './request-headers.ts';
import { checkPath } from './request-url.ts';
import type { ServiceRequest } from './service-request.ts';

/**
 * Makes the request of a call that was put together elsewhere: by a passthrough, or by `fetch`.
 * @throws {@link InvalidRequestError}; nothing has been read or sent by then
 */
export function rawRequest(
  options: ResolvedOptions,
  call: RawCall,
  ambient: Readonly<Record<string, unknown>>,
): ServiceRequest {
  const issues: Issue[] = [];
  const { method, body, decompress, route, redirect } = call;
  const path = checkPath(call.path, issues);
  const { context, deadline } = callContext(ambient, call.context, call.deadline, issues);
  const { 'user-agent': agent, ...others } = options.headers;
  const base = call.defaultUserAgent ? options.headers : others;
  const headers = mergeHeaders(base, call.headers, issues);
  if (issues.length > 0) throw new InvalidRequestError({ service: options.name, issues });
  return {
    mode: 'raw',
    method,
    path,
    headers,
    body,
    resendable: hasKey(call.headers[IDEMPOTENCY_KEY]) || isResendableMethod(method, options),
    settings: redirect === undefined ? options : { ...options, redirect },
    deadline,
    signal: undefined,
    decompress,
    maxResumes: method === 'GET' ? (call.maxResumes ?? 0) : 0,
    route,
    context,
    tags: undefined,
    responseType: 'auto',
    schema: undefined,
    fallback: undefined,
  };
}

/** A key that the client sends with every call tells no two of them apart. */
function hasKey(key: string | readonly string[] | undefined): boolean {
  return typeof key === 'string' && key !== '';
}
