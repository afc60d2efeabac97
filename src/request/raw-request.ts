import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { Issue } from '../errors/issue.ts';
import type { CallSettings, ResolvedOptions } from '../options/resolved-options.ts';
import type { RawCall } from '../passthrough/raw-call.ts';
import { USER_AGENT } from '../version.ts';
import { callContext } from './call-context.ts';
import { IDEMPOTENCY_KEY, isResendableMethod } from './idempotency.ts';
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
  const path = checkPath(call.path, issues);
  const { context, deadline } = callContext(ambient, call.context, call.deadline, issues);
  if (issues.length > 0) throw new InvalidRequestError({ service: options.name, issues });
  return new RawRequest(options, call, path, context, deadline);
}

/** A class, like all that lives as long as a call: V8 takes to placing such literals where only a full collection finds them, with all they hold. */
class RawRequest implements ServiceRequest {
  readonly mode = 'raw';
  readonly method: string;
  readonly path: string;
  readonly headers: ServiceRequest['headers'];
  readonly body: ServiceRequest['body'];
  readonly resendable: boolean;
  readonly settings: CallSettings;
  readonly deadline: number | undefined;
  readonly signal = undefined;
  readonly decompress: boolean;
  readonly onInformation: ServiceRequest['onInformation'];
  readonly maxResumes: number;
  readonly route: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly tags = undefined;
  readonly responseType = 'auto';
  readonly schema = undefined;
  readonly fallback = undefined;

  constructor(
    options: ResolvedOptions,
    call: RawCall,
    path: string,
    context: Readonly<Record<string, unknown>>,
    deadline: number | undefined,
  ) {
    const { method, body, decompress, onInformation, route, redirect, maxResumes = 0 } = call;
    this.method = method;
    this.path = path;
    this.headers = rawHeaders(options, call);
    this.body = body;
    this.resendable = hasKey(call.headers[IDEMPOTENCY_KEY]) || isResendableMethod(method, options);
    this.settings =
      redirect === undefined || redirect === options.redirect ? options : withRedirect(options, redirect);
    this.deadline = deadline;
    this.decompress = decompress;
    this.onInformation = onInformation;
    this.maxResumes = method === 'GET' ? maxResumes : 0;
    this.route = route;
    this.context = context;
  }
}

/** The client's headers under the call's, which have been checked where they came from. */
function rawHeaders(options: ResolvedOptions, call: RawCall): ServiceRequest['headers'] {
  const headers: Record<string, string | readonly string[]> = {};
  for (const name in options.headers) {
    const value = options.headers[name];
    const introduces = name === 'user-agent' && value === USER_AGENT;
    if (value !== undefined && (!introduces || call.defaultUserAgent)) headers[name] = value;
  }
  return Object.assign(headers, call.headers);
}

function withRedirect(options: ResolvedOptions, redirect: CallSettings['redirect']): CallSettings {
  const { timeout, retry, limits } = options;
  return { timeout, retry, limits, redirect };
}

/** A key that the client sends with every call tells no two of them apart. */
function hasKey(key: string | readonly string[] | undefined): boolean {
  return typeof key === 'string' && key !== '';
}
