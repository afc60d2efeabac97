import type { Issue } from '../errors/issue.ts';
import { withGot } from '../options/describe-value.ts';
import { encodeMultipart } from './multipart-form-data.ts';
import { encodeForm } from './query-string.ts';
import { EMPTY_BODY, type RequestBody } from './request-body.ts';
import { blobBody, factoryBody, isStreamSource, oneShotBody, streamProblem } from './stream-body.ts';

/** What a call says about its body, unchecked. */
export interface BodyInput {
  readonly json?: unknown;
  readonly form?: unknown;
  readonly body?: unknown;
  readonly bodyBytes?: unknown;
}

/** A body and the content type it has by itself. */
export interface NormalizedBody {
  readonly body: RequestBody;
  readonly contentType: string | undefined;
  /** The body cannot be read under another type: a client-wide `content-type` gives way. */
  readonly typeIsFixed: boolean;
  /** What the caller's own code threw while the body was written. */
  readonly thrown?: { readonly error: unknown };
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
/** What `fetch` says of these. */
const SEARCH_PARAMS_TYPE = `${FORM_TYPE};charset=UTF-8`;
const NO_BODY: NormalizedBody = { body: EMPTY_BODY, contentType: undefined, typeIsFixed: false };

const fixed = (body: RequestBody, contentType: string): NormalizedBody => ({
  body,
  contentType,
  typeIsFixed: true,
});
const open = (body: RequestBody, contentType?: string): NormalizedBody => ({
  body,
  contentType,
  typeIsFixed: false,
});

/**
 * Classifies a call's body; what is wrong with it goes to `issues`.
 * Comes last of all checks: a stream is taken over only if nothing at all is wrong.
 */
export function normalizeBody(input: BodyInput, boundary: () => string, issues: Issue[]): NormalizedBody {
  const { json, form, body, bodyBytes } = input;
  const given = Number(json !== undefined) + Number(form !== undefined) + Number(body !== undefined);
  if (given > 1) issues.push({ path: 'body', message: 'give one of json, form and body, not several' });
  if (bodyBytes !== undefined) checkBodyBytes(body, bodyBytes, issues);
  if (given !== 1) return NO_BODY;
  if (json !== undefined) return jsonBody(json, issues);
  if (form !== undefined) return fixed({ kind: 'buffered', bytes: encodeForm(form, issues) }, FORM_TYPE);
  return ownBody(body, bodyBytes as number | undefined, boundary, issues);
}

function jsonBody(value: unknown, issues: Issue[]): NormalizedBody {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // Only the kind of failure: the engine's own message names the value's keys.
    const failure = engineFailure(error);
    issues.push({
      path: 'json',
      message: `cannot be written as JSON: ${failure ?? 'serialising it threw an error'}`,
    });
    return failure === undefined ? { ...NO_BODY, thrown: { error } } : NO_BODY;
  }
  if (text === undefined) {
    issues.push({ path: 'json', message: `cannot be written as JSON: ${emptyReason(value)}` });
    return NO_BODY;
  }
  return open({ kind: 'buffered', bytes: text }, 'application/json');
}

function emptyReason(value: unknown): string {
  return typeof value === 'object' ? 'its toJSON() gives nothing' : `it is a ${typeof value}`;
}

/** What JSON itself refuses; anything else a `toJSON` or a getter of the caller's threw. */
function engineFailure(error: unknown): string | undefined {
  const text = error instanceof TypeError ? error.message : '';
  if (text.includes('BigInt')) return 'it holds a BigInt';
  if (text.includes('circular')) return 'it refers to itself';
  return undefined;
}

function ownBody(
  value: unknown,
  byteLength: number | undefined,
  boundary: () => string,
  issues: Issue[],
): NormalizedBody {
  if (typeof value === 'string') return open({ kind: 'buffered', bytes: value }, 'text/plain;charset=UTF-8');
  if (value instanceof Uint8Array) return open({ kind: 'buffered', bytes: value });
  if (value instanceof ArrayBuffer) return open({ kind: 'buffered', bytes: new Uint8Array(value) });
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset } = value;
    return open({ kind: 'buffered', bytes: new Uint8Array(buffer, byteOffset, value.byteLength) });
  }
  if (value instanceof URLSearchParams)
    return fixed({ kind: 'buffered', bytes: value.toString() }, SEARCH_PARAMS_TYPE);
  if (value instanceof Blob) return open(blobBody(value), value.type || undefined);
  if (value instanceof FormData) {
    const mark = boundary();
    return fixed(encodeMultipart(value, mark), `multipart/form-data; boundary=${mark}`);
  }
  if (typeof value === 'function') return open(factoryBody(value as () => unknown, byteLength));
  const problem = isStreamSource(value)
    ? streamProblem(value)
    : 'expected a string, bytes, URLSearchParams, FormData, Blob, a stream or a function that opens one';
  if (problem !== undefined) issues.push({ path: 'body', message: withGot(problem, value) });
  if (issues.length > 0 || !isStreamSource(value)) return NO_BODY;
  return open(oneShotBody(value, byteLength));
}

function checkBodyBytes(body: unknown, bodyBytes: unknown, issues: Issue[]): void {
  if (typeof bodyBytes !== 'number' || !Number.isSafeInteger(bodyBytes) || bodyBytes < 0) {
    issues.push({
      path: 'bodyBytes',
      message: withGot('expected a whole number of bytes, 0 or more', bodyBytes),
    });
  } else if (typeof body !== 'function' && !isStreamSource(body)) {
    issues.push({
      path: 'bodyBytes',
      message: 'only for a streamed body: any other has a length of its own',
    });
  }
}
