import { AsyncLocalStorage } from 'node:async_hooks';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { withGot } from '../options/describe-value.ts';
import { mergeContext } from './merge-context.ts';

/** What async code carries along for the calls made in it. Any other key reaches events and logs as it is. */
export interface ContextValues {
  /** Sent as `x-request-id`. */
  readonly requestId?: string | number | undefined;
  /** Sent as `x-job-id`. */
  readonly jobId?: string | number | undefined;
  /** Sent as `traceparent` (W3C Trace Context). */
  readonly traceparent?: string | undefined;
  /** Sent as `tracestate` (W3C Trace Context). */
  readonly tracestate?: string | undefined;
  /** Epoch milliseconds or a `Date`: no call made in this context lasts longer. */
  readonly deadline?: number | Date | undefined;
  readonly [key: string]: unknown;
}

type Context = Readonly<Record<string, unknown>>;

const NO_CONTEXT: Context = Object.freeze({});
const storage = new AsyncLocalStorage<Context>();

/**
 * Runs `fn` with `values` as the context of every call made in it, through all its async code.
 *
 * Nested contexts merge, the inner over the outer; an explicit `undefined` counts as absent.
 * A nested `deadline` only ever shortens the outer one.
 *
 * @returns what `fn` returns
 * @throws {@link ConfigurationError} when `deadline` is neither epoch milliseconds nor a valid `Date`, and when it is called with
 * something else than an object and a function
 * @example
 * ```ts
 * app.use((req, res, next) => runInContext({ requestId: req.id, deadline: deadlineFrom(req) }, next));
 * ```
 */
export function runInContext<Result>(values: ContextValues, fn: () => Result): Result {
  if (typeof values !== 'object' || values === null)
    refuse('', withGot('expected an object of context values', values));
  if (typeof fn !== 'function') refuse('fn', withGot('expected a function', fn));
  return storage.run(mergeContext(currentContext(), values, refuseDeadline), fn);
}

/** The context of the code running now: frozen, its `deadline` always in epoch milliseconds. */
export function currentContext(): Context {
  return storage.getStore() ?? NO_CONTEXT;
}

function refuseDeadline(message: string): never {
  refuse('deadline', message);
}

function refuse(path: string, message: string): never {
  throw new ConfigurationError({ issues: [{ path, message }] });
}
