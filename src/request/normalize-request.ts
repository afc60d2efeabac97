import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { Issue } from '../errors/issue.ts';
import { type CallOverrides, resolveCallSettings } from '../options/call-settings.ts';
import { withGot } from '../options/describe-value.ts';
import { isToken } from '../options/option-rules.ts';
import type { CallSettings, ResolvedOptions } from '../options/resolved-options.ts';
import { callContext } from './call-context.ts';
import { checkCallOptions } from './check-call-options.ts';
import { IDEMPOTENCY_KEY, idempotencyKey, isResendableMethod } from './idempotency.ts';
import { type NormalizedBody, normalizeBody } from './normalize-body.ts';
import { fillPath, isTemplate } from './path-params.ts';
import { appendQuery } from './query-string.ts';
import { mergeHeaders, ownHeader, type RequestHeaders, withHeader } from './request-headers.ts';
import { encodePath, pathProblem, splitQuery } from './request-url.ts';
import { resumesOf } from './resume-option.ts';
import type { RequestMode, ResponseType, ServiceRequest } from './service-request.ts';
import type { StandardSchemaV1 } from './standard-schema.ts';
import { newUuid } from './uuid.ts';

/** What a call was made with. */
export interface RequestInput {
  readonly options: ResolvedOptions;
  readonly method: string;
  readonly path: string;
  /** `CallOptions` or `StreamOptions`, unchecked. */
  readonly call: object | undefined;
  readonly mode: RequestMode;
  /** The context of the code that makes the call. */
  readonly ambient: Readonly<Record<string, unknown>>;
}

type GivenOptions = Readonly<Record<string, unknown>>;

const NO_OPTIONS: GivenOptions = Object.freeze({});

/**
 * Checks a call's input and makes the request of it that every attempt sends.
 *
 * @throws {@link InvalidRequestError} with everything that is wrong with it; nothing has been read or sent by then
 */
export function normalizeRequest(input: RequestInput): ServiceRequest {
  const { options, mode, ambient } = input;
  const issues: Issue[] = [];
  const call = givenOptions(input.call, mode, issues);
  const method = checkMethod(input.method, issues);
  const path = requestPath(input.path, call, issues);
  const settings = callSettings(options, call, issues);
  const { context, deadline } = callContext(ambient, call.context, call.deadline, issues);
  const maxResumes = resumesOf(call.resume);
  if (maxResumes > 0 && method !== 'GET')
    issues.push({ path: 'resume', message: 'only a GET can be resumed' });
  const ownHeaders = mergeHeaders(options.headers, call.headers, issues);
  const key = idempotencyKey(
    call.idempotencyKey,
    ownHeader(call.headers, IDEMPOTENCY_KEY),
    options.random,
    issues,
  );
  // Last, since it takes a caller's stream over, which only a call without issues may do.
  const body = normalizeBody(call, () => `holdfast-${newUuid(options.random)}`, issues);
  const typed = contentTyped(ownHeaders, options.headers, call.headers, body, issues);
  if (issues.length > 0) {
    const { thrown } = body;
    const cause = thrown && { cause: thrown.error, callerCause: true };
    throw new InvalidRequestError({ service: options.name, issues, ...cause });
  }
  const headers = key === undefined ? typed : withHeader(typed, options.headers, IDEMPOTENCY_KEY, key);
  return {
    mode,
    method,
    path,
    headers: maxResumes > 0 ? uncoded(headers, options.headers) : headers,
    body: body.body,
    resendable: key !== undefined || call.idempotent === true || isResendableMethod(method, settings),
    settings,
    deadline,
    signal: call.signal as AbortSignal | undefined,
    decompress: call.decompress !== false,
    maxResumes,
    route: (call.route as string | undefined) ?? templateRoute(input.path, call.params),
    context,
    tags: call.tags as Readonly<Record<string, string>> | undefined,
    responseType: (call.responseType as ResponseType | undefined) ?? 'auto',
    schema: call.schema as StandardSchemaV1 | undefined,
    fallback: call.fallback,
  };
}

function givenOptions(call: unknown, mode: RequestMode, issues: Issue[]): GivenOptions {
  if (call === undefined) return NO_OPTIONS;
  if (typeof call !== 'object' || call === null || Symbol.iterator in call) {
    issues.push({ path: 'options', message: withGot('expected an object', call) });
    return NO_OPTIONS;
  }
  const options = call as GivenOptions;
  checkCallOptions(options, mode, issues);
  return options;
}

function checkMethod(method: unknown, issues: Issue[]): string {
  if (!isToken(method)) {
    issues.push({
      path: 'method',
      message: withGot('expected a method such as "GET"', method),
    });
  } else if (method.toUpperCase() === 'CONNECT') {
    issues.push({ path: 'method', message: 'CONNECT opens a tunnel, which is no call' });
  } else return method.toUpperCase();
  return 'GET';
}

function requestPath(path: string, call: GivenOptions, issues: Issue[]): string {
  const { params, query } = call;
  const problem = typeof path === 'string' && path.includes('\\') ? BACKSLASH : pathProblem(path);
  if (problem !== undefined) {
    issues.push({ path: 'path', message: problem });
    return appendQuery('/', query, issues);
  }
  return appendQuery(encodePath(fillPath(path, params, issues)), query, issues);
}

/** A compressed body cannot be taken up in the middle. */
function uncoded(headers: RequestHeaders, base: RequestHeaders): RequestHeaders {
  return headers['accept-encoding'] === undefined
    ? withHeader(headers, base, 'accept-encoding', 'identity')
    : headers;
}

/** In a query only somebody else's client writes one: passthrough lets that go by. */
const BACKSLASH = 'must not hold a backslash';

/** The template is a label of few values; a raw path never is. */
function templateRoute(path: string, params: unknown): string | undefined {
  if (params === undefined || !isTemplate(path)) return undefined;
  const { pathPart } = splitQuery(path);
  return pathPart.startsWith('/') ? pathPart : `/${pathPart}`;
}

function callSettings(options: ResolvedOptions, call: GivenOptions, issues: Issue[]): CallSettings {
  if (call === NO_OPTIONS) return options;
  try {
    return resolveCallSettings(options, call as CallOverrides);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    issues.push(...error.issues);
    return options;
  }
}

/** Adds the body's own content type where the headers name none. */
function contentTyped(
  headers: RequestHeaders,
  base: RequestHeaders,
  own: unknown,
  { contentType, typeIsFixed }: NormalizedBody,
  issues: Issue[],
): RequestHeaders {
  if (contentType === undefined) return headers;
  const given = ownHeader(own, 'content-type');
  if (given !== false) {
    if (given !== undefined && contentType.startsWith('multipart/')) {
      const message = 'leave it out: a FormData body brings its own, with the boundary in it';
      issues.push({ path: 'headers.content-type', message });
    }
    return headers;
  }
  const isTyped = headers['content-type'] !== undefined && !typeIsFixed;
  return isTyped ? headers : withHeader(headers, base, 'content-type', contentType);
}
