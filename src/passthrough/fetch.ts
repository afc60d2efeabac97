import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { Issue } from '../errors/issue.ts';
import type { RequestBody } from '../request/request-body.ts';
import type { StreamResponse } from '../response/stream-response.ts';
import { Cancellation } from '../time/cancellation.ts';
import { bodyOfRequest } from './fetch-body.ts';
import { fetchResponse } from './fetch-response.ts';
import { fetchTarget } from './fetch-target.ts';
import { endToEndHeaders, type OutgoingHeaders } from './hop-by-hop-headers.ts';
import type { OpenRaw } from './raw-call.ts';

/** The signature of `fetch`. */
export type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What of a client its `fetch` needs to know. */
export interface FetchConfig {
  readonly service: string;
  /** The endpoints there are now: origin plus base path, without trailing slash. */
  readonly endpointUrls: () => readonly string[];
  /** Classifies a body other than a `Request`'s own; what is wrong with it goes to `issues`. */
  readonly classifyBody: (body: unknown, issues: Issue[]) => ClassifiedBody;
}

/** A body and the content type it has by itself. */
export interface ClassifiedBody {
  readonly body: RequestBody;
  readonly contentType: string | undefined;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Methods that fetch forbids. */
const FORBIDDEN: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

interface FetchCall {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHeaders;
  readonly body: RequestBody;
}

/** `fetch` on top of the client: every status resolves, everything below one rejects with the client's errors. */
export function createFetch(openRaw: OpenRaw, config: FetchConfig): FetchFunction {
  return async (input, init = {}) => {
    const request = isRequest(input) ? input : undefined;
    const signal = init.signal === undefined ? request?.signal : init.signal;
    signal?.throwIfAborted();
    const call = await readCall(config, input, request, init);
    const cancellation = new Cancellation();
    const stopFollowing = followSignal(signal, request, cancellation);
    let reply: StreamResponse;
    try {
      const redirect = redirectOf(request, init);
      reply = await openRaw({ ...call, cancellation, decompress: true, defaultUserAgent: true, redirect });
    } catch (error) {
      stopFollowing();
      throw error;
    }
    // Whatever breaks the call later breaks the body, also where the transport has let go of it.
    cancellation.onCancel(reason => reply.body.destroy(reason as Error));
    reply.body.once('close', stopFollowing);
    if (wantsError(request, init) && REDIRECTS.has(reply.status) && reply.headers.location !== undefined) {
      reply.body.on('error', () => {}).destroy();
      throw new TypeError(`${config.service}: answered with a redirect, which redirect: "error" refuses`);
    }
    return fetchResponse(call.method, reply);
  };
}

function isRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && 'url' in input && 'method' in input;
}

/** Fields of `init` win over the request's, one by one. */
async function readCall(
  config: FetchConfig,
  input: string | URL | Request,
  request: Request | undefined,
  init: RequestInit,
): Promise<FetchCall> {
  const { service } = config;
  const issues: Issue[] = [];
  const target = fetchTarget(isRequest(input) ? input.url : input, service, config.endpointUrls());
  if ('problem' in target) issues.push({ path: 'url', message: target.problem });
  const method = String(init.method ?? request?.method ?? 'GET').toUpperCase();
  if (!TOKEN.test(method)) issues.push({ path: 'method', message: 'is not a valid method' });
  if (FORBIDDEN.has(method)) issues.push({ path: 'method', message: `${method} is not for fetch` });
  const headers = requestHeaders(init.headers ?? request?.headers, issues);
  const ownBody = init.body === undefined && request ? requestBody(request, issues) : undefined;
  checkBodyless(method, init.body ?? ownBody, issues);
  const { body, contentType } = classify(config, init.body, issues);
  if (issues.length > 0 || 'problem' in target) throw new InvalidRequestError({ service, issues });
  if (contentType !== undefined) headers['content-type'] ??= contentType;
  return { method, path: target.path, headers, body: ownBody ? await bodyOfRequest(ownBody) : body };
}

function classify(config: FetchConfig, body: unknown, issues: Issue[]): ClassifiedBody {
  if (body !== undefined && body !== null) return config.classifyBody(body, issues);
  return { body: { kind: 'empty' }, contentType: undefined };
}

/** Other ways in send one with these as well; fetch's own rule is what its callers know. */
function checkBodyless(method: string, body: unknown, issues: Issue[]): void {
  if ((method !== 'GET' && method !== 'HEAD') || body === undefined || body === null) return;
  issues.push({ path: 'body', message: `a ${method} of fetch has none` });
}

function requestBody(request: Request, issues: Issue[]): Request['body'] {
  if (!request.bodyUsed && !request.body?.locked) return request.body;
  issues.push({ path: 'body', message: 'has been read already' });
  return null;
}

/** Without what belongs to the connection: fetch drops it in silence, since requests are passed around with it. */
function requestHeaders(init: RequestInit['headers'], issues: Issue[]): OutgoingHeaders {
  const headers: Record<string, string> = {};
  try {
    for (const [name, value] of new Headers(init)) headers[name] = value;
  } catch {
    // Its message would show the value.
    issues.push({ path: 'headers', message: 'hold a name or a value that no header may have' });
  }
  const kept = endToEndHeaders(headers);
  for (const name of ['host', 'content-length', 'expect']) delete kept[name];
  return kept;
}

/** A `Request` always says `follow` unless told otherwise, so that there it says nothing. */
function redirectOf(request: Request | undefined, init: RequestInit): 'manual' | 'same-origin' | undefined {
  if (init.redirect === 'follow') return 'same-origin';
  const asked = init.redirect ?? request?.redirect;
  return asked === 'manual' || asked === 'error' ? 'manual' : undefined;
}

function wantsError(request: Request | undefined, init: RequestInit): boolean {
  return (init.redirect ?? request?.redirect) === 'error';
}

function followSignal(
  signal: AbortSignal | null | undefined,
  request: Request | undefined,
  cancellation: Cancellation,
): () => void {
  if (!signal) return () => {};
  // The signal of a `Request` hears of an abort only for as long as the request itself is in memory.
  const held = { signal, request };
  const onAbort = () => cancellation.cancel(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => held.signal.removeEventListener('abort', onAbort);
}
