import { type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Issue } from '../errors/issue.ts';
import { withGot } from '../options/describe-value.ts';
import { suggestOption } from '../options/suggest-option.ts';
import { type ResumeOption, resumeProblem } from '../request/resume-option.ts';
import { belongsToConnection } from './hop-by-hop-headers.ts';

/** Headers of your own for one side of a passthrough; `undefined` removes one. */
export type ExtraHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Options of one passthrough. */
export interface PassthroughOptions {
  /**
   * Where the request goes, relative to the base path, query included. What a function returns is
   * checked like the client's own input; a path that is refused is answered 400.
   * @defaultValue `req.url`
   */
  path?: string | ((req: IncomingMessage) => string) | undefined;
  /** Set on the upstream request, over what the client sent; `undefined` removes one. Not for hop-by-hop and framing headers. */
  headers?: ExtraHeaders | undefined;
  /** Names of headers that the upstream does not get, in any case. */
  dropRequestHeaders?: readonly string[] | undefined;
  /** Set on the response, over what the upstream sent; `undefined` removes one. Not for hop-by-hop and framing headers. */
  responseHeaders?: ExtraHeaders | undefined;
  /** Names of headers that the client does not get, in any case. */
  dropResponseHeaders?: readonly string[] | undefined;
  /**
   * Continues a broken GET body where it stopped, so that the client sees one unbroken response; `true` up to 3 times.
   * Under the conditions of `client.stream`'s `resume`; other methods are passed on as ever.
   * @defaultValue false
   */
  resume?: ResumeOption | undefined;
  /**
   * Keeps the client's `X-Forwarded-*` and `Forwarded` and appends to them. Only behind a proxy of your own, since
   * anybody can write these headers.
   * @defaultValue false: they are replaced
   */
  trustForwarded?: boolean | undefined;
  /**
   * The request comes from a `checkContinue` listener: Node has not answered its `Expect: 100-continue`. The expectation is passed
   * on, and the client is told to send its body when the upstream asks for it, or after a second without an answer. One that the
   * upstream refuses is never sent. Does nothing for a request without the expectation.
   * @defaultValue false: Node has answered it, and the upstream does not hear of it
   * @example
   * server.on('checkContinue', (req, res) => media.passthrough(req, res, { expectContinue: true }));
   */
  expectContinue?: boolean | undefined;
  /** Ends the exchange when it aborts. */
  signal?: AbortSignal | undefined;
  /** When the response head must be there, in epoch milliseconds or as a `Date`. */
  deadline?: number | Date | undefined;
  /** Added to the context of `runInContext` for this call. */
  context?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What to do with a failure before the response head: `respond` answers with `sendProblem`, `throw` rejects
   * and leaves the response to you.
   * @defaultValue 'respond'
   */
  onError?: 'respond' | 'throw' | undefined;
}

type Check = (value: unknown) => string | undefined;

const names: Check = value =>
  Array.isArray(value) && value.every(item => typeof item === 'string')
    ? undefined
    : 'expected an array of header names';

const flag: Check = value => (typeof value === 'boolean' ? undefined : 'expected true or false');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const CHECKS: Readonly<Record<keyof PassthroughOptions, Check>> = {
  path: value =>
    typeof value === 'string' || typeof value === 'function' ? undefined : 'expected a string or a function',
  headers: extraHeaders,
  dropRequestHeaders: names,
  responseHeaders: extraHeaders,
  dropResponseHeaders: names,
  resume: resumeProblem,
  trustForwarded: flag,
  expectContinue: flag,
  signal: value => (value instanceof AbortSignal ? undefined : 'expected an AbortSignal'),
  deadline: value =>
    Number.isFinite(value instanceof Date ? value.getTime() : value)
      ? undefined
      : 'expected epoch milliseconds or a Date',
  context: value => (isRecord(value) ? undefined : 'expected an object'),
  onError: value => (value === 'respond' || value === 'throw' ? undefined : 'expected "respond" or "throw"'),
};

/** Everything that is wrong with the options, unknown ones included. */
export function optionIssues(options: PassthroughOptions): Issue[] {
  const issues: Issue[] = [];
  for (const [path, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, path) ? CHECKS[path as keyof PassthroughOptions] : undefined;
    if (check === undefined) issues.push({ path, message: unknownOption(path) });
    const problem = value === undefined ? undefined : check?.(value);
    if (problem !== undefined) issues.push({ path, message: withGot(problem, value) });
  }
  return issues;
}

function unknownOption(name: string): string {
  const meant = suggestOption(name, '', new Map([['', Object.keys(CHECKS)]]));
  return meant === undefined ? 'unknown option' : `unknown option, did you mean "${meant}"?`;
}

function extraHeaders(value: unknown): string | undefined {
  if (!isRecord(value)) return 'expected an object of names and values';
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const problem = headerProblem(name, item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Never shows a value, nor a name that is none: it may be a whole header line. */
function headerProblem(name: string, value: unknown): string | undefined {
  try {
    validateHeaderName(name);
  } catch {
    return 'has a name that is not a valid header name';
  }
  if (belongsToConnection(name.toLowerCase())) return `${name} cannot be set: it belongs to the connection`;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item !== 'string')
      return `${name}: ${withGot('expected a string or an array of strings', item)}`;
    try {
      validateHeaderValue(name, item);
    } catch {
      return `${name} has a character that no header value may have`;
    }
  }
  return undefined;
}
