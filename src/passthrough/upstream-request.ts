import type { IncomingMessage } from 'node:http';
import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import { LoopError } from '../errors/loop-error.ts';
import { EMPTY_BODY, type RequestBody } from '../request/request-body.ts';
import { resumesOf } from '../request/resume-option.ts';
import type { Cancellation } from '../time/cancellation.ts';
import { adjustHeaders } from './adjust-headers.ts';
import type { ClientLink } from './client-link.ts';
import { forwardInformation, takesInformation } from './forward-information.ts';
import { setForwardedHeaders } from './forwarded-headers.ts';
import { connectionOptions, endToEndHeaders, type OutgoingHeaders } from './hop-by-hop-headers.ts';
import { announcedBytes, announcesBody, bodyIssue, expectsContinue, IncomingBody } from './incoming-body.ts';
import type { PassthroughOptions } from './passthrough-options.ts';
import type { RawCall } from './raw-call.ts';
import { upgradeFault } from './request-fault.ts';
import { appendVia, hasPassed } from './via.ts';

/** What of an incoming request is settled before anything is sent. Throws what it is refused with. */
export function upstreamRequest(
  service: string,
  via: string | false,
  link: ClientLink,
  options: PassthroughOptions,
  onCall: RawCall['onCall'],
): RawCall {
  const { req } = link;
  if (hasPassed(req.headers.via, via)) throw new LoopError({ service });
  if (req.headers.upgrade !== undefined && connectionOptions(req.headers.connection)?.has('upgrade')) {
    throw upgradeFault(service);
  }
  link.bodyHeld = options.expectContinue === true && expectsContinue(req);
  return new UpstreamCall(service, via, link, options, onCall);
}

class UpstreamCall implements RawCall {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHeaders;
  readonly body: RequestBody;
  readonly onInformation: RawCall['onInformation'];
  readonly onCall: RawCall['onCall'];
  readonly cancellation: Cancellation;
  readonly deadline: number | undefined;
  readonly context: RawCall['context'];
  readonly decompress = false;
  readonly maxResumes: number;
  readonly defaultUserAgent = false;
  readonly redirect = 'manual';

  constructor(
    service: string,
    via: string | false,
    link: ClientLink,
    options: PassthroughOptions,
    onCall: RawCall['onCall'],
  ) {
    const { req } = link;
    const { deadline } = options;
    this.method = req.method ?? 'GET';
    this.path = pathOf(service, req, options.path);
    this.headers = upstreamHeaders(link, via, options);
    this.body = upstreamBody(service, link);
    this.onInformation = takesInformation(req)
      ? information => forwardInformation(link, information)
      : undefined;
    this.onCall = onCall;
    this.cancellation = link.cancellation;
    this.deadline = deadline === undefined ? undefined : Number(deadline);
    this.context = options.context;
    this.maxResumes = resumesOf(options.resume);
  }
}

/** The upstream has a name of its own, the body is framed anew, and what the client expects was the gateway's to answer. */
const OF_THIS_HOP: ReadonlySet<string> = new Set(['host', 'content-length', 'expect']);

/** The end-to-end headers and the gateway's own. The order matters: a client's `Connection` must not take away what is added here. */
function upstreamHeaders(
  { req, bodyHeld }: ClientLink,
  via: string | false,
  options: PassthroughOptions,
): OutgoingHeaders {
  const headers = endToEndHeaders(req.headers, OF_THIS_HOP);
  if (bodyHeld) headers.expect = '100-continue';
  setForwardedHeaders(headers, req, options.trustForwarded === true);
  appendVia(headers, req.httpVersion, via);
  return adjustHeaders(headers, options.dropRequestHeaders, options.headers);
}

function upstreamBody(service: string, link: ClientLink): RequestBody {
  const { req } = link;
  if (!announcesBody(req)) return EMPTY_BODY;
  const issue = bodyIssue(req);
  if (issue === undefined) {
    const source = new IncomingBody(req, () => link.askForBody());
    return { kind: 'one-shot', source, byteLength: announcedBytes(req) };
  }
  throw new InvalidRequestError({ service, issues: [issue] });
}

function pathOf(service: string, req: IncomingMessage, path: PassthroughOptions['path']): string {
  const target = typeof path === 'function' ? path(req) : (path ?? req.url ?? '/');
  if (typeof target !== 'string') {
    const issues = [{ path: 'path', message: 'the function did not return a string' }];
    throw new InvalidRequestError({ service, issues });
  }
  return target;
}
