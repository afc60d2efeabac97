import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyServiceClientError } from '../errors/any-service-client-error.ts';
import { isServiceClientError } from '../errors/is-service-client-error.ts';
import { listIssues } from '../errors/issue.ts';
import { spentHere } from './spent-here.ts';

/** What the response may have been prepared for and what does not hold for a problem. */
const OF_ANOTHER_BODY = [
  'accept-ranges',
  'content-disposition',
  'content-encoding',
  'content-range',
  'etag',
  'last-modified',
  'trailer',
  'transfer-encoding',
];

/** A failure as it goes to the client. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly payload: string;
}

/**
 * Answers a failed call with a problem details object (RFC 9457), `application/problem+json`.
 *
 * Adds `Retry-After` where the error knows when another try makes sense, and `x-should-retry: false` when attempts or budget
 * were spent here or the upstream said so. Any other value than a `ServiceClientError` is a plain 500 without
 * its text. A response that has begun already is cut off instead, so that it cannot be taken for whole. Never throws.
 *
 * @example
 * try {
 *   const { data } = await users.get('/users/1');
 *   res.end(JSON.stringify(data));
 * } catch (error) {
 *   sendProblem(res, error);
 * }
 */
export function sendProblem(res: ServerResponse, error: unknown): void {
  if (!beginProblem(res, error)) return;
  res.end();
}

/** Writes the whole problem but leaves the response open; `false` when there is nothing left to write to. */
export function beginProblem(res: ServerResponse, error: unknown): boolean {
  if (res.destroyed || res.writableEnded) return false;
  if (res.headersSent) {
    res.destroy();
    return false;
  }
  const { status, headers, payload } = problemAnswer(error);
  try {
    for (const name of OF_ANOTHER_BODY) res.removeHeader(name);
    const last = isUploading(res.req) ? { connection: 'close' } : undefined;
    res.writeHead(status, { ...headers, ...last });
    res.write(payload);
    return true;
  } catch {
    res.destroy();
    return false;
  }
}

/**
 * An upload that is still coming in: no use in sending it all. A request without a body is not complete either while its
 * handler runs for the first time, and its connection is worth keeping.
 */
function isUploading(req: IncomingMessage | undefined): boolean {
  if (req?.complete !== false) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

/** Status, headers and body for any failure. */
export function problemAnswer(error: unknown): ProblemAnswer {
  try {
    if (isServiceClientError(error)) return describeError(error);
  } catch {
    // Something that only looks like one of ours.
  }
  const payload = JSON.stringify({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
  return { status: 500, headers: problemHeaders(payload), payload };
}

function describeError(error: AnyServiceClientError): ProblemAnswer {
  const problem = error.toProblem();
  const { status } = problem;
  // What is wrong with a request is its sender's business; our own faults are not.
  const blamed = error.code === 'ERR_INVALID_REQUEST' && status < 500;
  const payload = JSON.stringify(blamed ? { ...problem, detail: listIssues(error.issues) } : problem);
  const headers = problemHeaders(payload);
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) {
    headers['retry-after'] = Math.max(0, Math.ceil(retryAfterMs / 1000));
  }
  if (spentHere(error.attempts) || forbidsRetry(error)) headers['x-should-retry'] = 'false';
  return { status, headers, payload };
}

function problemHeaders(payload: string): Record<string, string | number> {
  return { 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(payload) };
}

function forbidsRetry(error: AnyServiceClientError): boolean {
  return error.code === 'ERR_STATUS' && error.headers['x-should-retry'] === 'false';
}
