import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import { resumesOf, type StreamResponse } from '../response/stream-response.ts';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import { Cancellation } from '../time/cancellation.ts';
import type { Clock } from '../time/clock.ts';
import { bytesPerSecond } from '../time/throughput.ts';
import { ClientLink } from './client-link.ts';
import { clientHeaders } from './client-response.ts';
import { optionIssues, type PassthroughOptions } from './passthrough-options.ts';
import type { OpenRaw, RawCall } from './raw-call.ts';
import { blameClient } from './request-fault.ts';
import { beginProblem, problemAnswer } from './send-problem.ts';
import { endResponse, type Sent, sendResponse } from './send-response.ts';
import { upstreamRequest } from './upstream-request.ts';

export type { PassthroughOptions } from './passthrough-options.ts';

/** What of a client its passthroughs need to know. */
export interface PassthroughConfig {
  readonly service: string;
  /** The name in `Via`, made once per client by `viaPseudonym`. */
  readonly via: string | false;
  readonly clock: Clock;
}

/** How a passthrough went. It is resolved to also when the client left or the upstream died on the way. */
export interface PassthroughResult {
  /** What the client was answered; 499 when it left before. */
  readonly status: number;
  /** Body bytes handed to the client's connection. */
  readonly bytesSent: number;
  /** From the start to the end of the response, in milliseconds. */
  readonly durationMs: number;
  /** Throughput from the upstream's response head to the end; of an answer of the gateway's own, from the start. */
  readonly bytesPerSecond: number;
  /** The last endpoint asked: origin plus base path; `undefined` when none was. */
  readonly endpoint: string | undefined;
  /** The decision log. */
  readonly attempts: readonly AttemptRecord[];
  /** Times a broken body was resumed. */
  readonly resumes: number;
  /** What went wrong: before the response head it was answered as a problem, after it the client was cut off. */
  readonly error?: unknown;
}

const NO_OPTIONS: PassthroughOptions = {};

/** Nginx's number for a client that left before its answer. */
const CLIENT_LEFT = 499;

/**
 * Passes a request on and its response back.
 *
 * A request with `Upgrade` is answered 501; one whose path is refused 400; one that has been here before 508.
 * `Expect: 100-continue` is not passed on, since Node has answered it; from a `checkContinue` listener, pass
 * `expectContinue: true`. Interim answers with links (103) are passed on. Express: mount before body parsers. Koa: set `ctx.respond = false`. Fastify: `reply.hijack()`, and pass `req.raw`, `reply.raw`.
 *
 * @throws InvalidRequestError if the response has been begun already; any failure before the head with `onError: 'throw'`
 */
export async function passthrough(
  openRaw: OpenRaw,
  config: PassthroughConfig,
  req: IncomingMessage,
  res: ServerResponse,
  options: PassthroughOptions = NO_OPTIONS,
): Promise<PassthroughResult> {
  const { service, via, clock } = config;
  if (res.headersSent) {
    const issues = [{ path: 'res', message: 'has been answered already' }];
    throw new InvalidRequestError({ service, issues });
  }
  const startedAt = clock.monotonic();
  let headAt = startedAt;
  const cancellation = new Cancellation();
  const link = new ClientLink(req, res, cancellation);
  let response: StreamResponse | undefined;
  let attempts: readonly AttemptRecord[] = [];
  let sent: Sent;
  let status: number;
  let asked = false;
  try {
    const call = upstreamCall(config, link, options, ({ log }) => {
      attempts = log;
    });
    asked = true;
    response = await openRaw(call);
    if (cancellation.cancelled) {
      response.body.on('error', () => {}).destroy();
      throw cancellation.reason;
    }
    ({ status } = response);
    headAt = clock.monotonic();
    sent = await sendResponse(link, response, clientHeaders(response, req, via, options), clock);
  } catch (error) {
    if (asked && response === undefined) blameClient(error, typeof options.path === 'string');
    if (options.onError === 'throw' && link.open) {
      giveBack(link);
      throw error;
    }
    status = link.open ? problemAnswer(error).status : CLIENT_LEFT;
    sent = await answerFailure(link, error, clock);
  } finally {
    link.release();
  }
  const { failure } = sent;
  const endedAt = clock.monotonic();
  return {
    status,
    bytesSent: sent.bytes,
    durationMs: endedAt - startedAt,
    bytesPerSecond: bytesPerSecond(sent.bytes, endedAt - headAt),
    endpoint: attempts.at(-1)?.endpoint ?? response?.endpoint,
    attempts,
    resumes: response === undefined ? 0 : resumesOf(response),
    ...(failure !== undefined && { error: failure.error }),
  };
}

/** The call to be made. Throws what the request is refused with. */
function upstreamCall(
  { service, via }: PassthroughConfig,
  link: ClientLink,
  options: PassthroughOptions,
  onCall: NonNullable<RawCall['onCall']>,
): RawCall {
  if (options !== NO_OPTIONS) {
    const issues = optionIssues(options);
    if (issues.length > 0) throw new InvalidRequestError({ service, issues });
    if (options.signal !== undefined) link.follow(options.signal);
  }
  link.cancellation.throwIfCancelled();
  const call = upstreamRequest(service, via, link, options, onCall);
  if (call.body.kind === 'one-shot') link.uploads(call.body.source);
  return call;
}

/** Answers a failure before the head, if there is anybody left to answer. */
async function answerFailure(link: ClientLink, error: unknown, clock: Clock): Promise<Sent> {
  const { req, res } = link;
  if (!beginProblem(res, error)) return { bytes: 0, failure: { error } };
  const bytes = req.method === 'HEAD' ? 0 : Buffer.byteLength(problemAnswer(error).payload);
  await endResponse(link, clock, true);
  return { bytes, failure: { error } };
}

/** Whoever answers now finds the request as it was, or what is left of its upload on its way to nowhere. */
function giveBack(link: ClientLink): void {
  const { req } = link;
  link.endUpload();
  if (req.readableDidRead && !req.readableEnded) req.resume();
}
