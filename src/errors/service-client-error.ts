import type { AttemptRecord } from '../retry/attempt-record.ts';
import { errorBrand } from './brand.ts';
import { cleanCause } from './clean-cause.ts';
import { defineUnprinted, nameErrors } from './error-prototype.ts';
import { isServiceClientError } from './is-service-client-error.ts';
import { describeProblem, type Problem } from './problem.ts';
import { setStackTraceLimit } from './stackless.ts';
import { unavailableMessage } from './unavailable-message.ts';

/** What every error is made from. */
export interface ServiceClientErrorInit {
  readonly service: string;
  /** The endpoint as it is printed: origin plus base path. */
  readonly endpoint?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What failed below; `cause` becomes a clean stand-in for it. */
  readonly cause?: unknown;
  /** `cause` is the caller's own error and kept as it is. */
  readonly callerCause?: boolean | undefined;
}

const NO_ATTEMPTS: readonly AttemptRecord[] = Object.freeze([]);

/**
 * What every failed call rejects with, except for a caller's abort.
 *
 * Nothing of it that is printed (message, stack, `inspect`, JSON, own properties) holds a credential, a header value,
 * a query value or upstream text.
 */
export abstract class ServiceClientError extends Error {
  /** Stable, for `switch`: `ERR_…`. */
  abstract readonly code: `ERR_${string}`;
  /** The status a gateway should answer. */
  abstract readonly gatewayStatus: number;
  /** Name of the service that was called. */
  readonly service: string;
  /** The endpoint it happened at, where one was chosen. */
  declare readonly endpoint?: string;
  /** Milliseconds after which another call makes sense, where that is known. */
  declare readonly retryAfterMs?: number;
  /** The call's decision log, oldest attempt first. */
  readonly attempts: readonly AttemptRecord[] = NO_ATTEMPTS;
  /** The raw error behind `cause`, as it was caught. Never printed: it may hold credentials and upstream text. */
  declare readonly rawCause: unknown;
  declare readonly [errorBrand]: true;

  readonly #summary: string;
  readonly #rawCause: unknown;
  #requestId: string | undefined;

  static {
    nameErrors(ServiceClientError.prototype, 'ServiceClientError');
    Object.defineProperty(ServiceClientError.prototype, errorBrand, { value: true });
    defineUnprinted(ServiceClientError.prototype, {
      rawCause: error => (#rawCause in error ? error.#rawCause : undefined),
    });
  }

  /**
   * `summary` is the message without the service's name. `stackless` is for refusals, which can come by the
   * thousand and whose stack says nothing: capturing one costs more than the rest of the refusal.
   */
  protected constructor(summary: string, init: ServiceClientErrorInit, stackless = false) {
    const limit = Error.stackTraceLimit;
    if (stackless) setStackTraceLimit(0);
    super(prefixed(init.service, summary), causeOptions(init));
    if (stackless) setStackTraceLimit(limit);
    this.service = init.service;
    if (init.endpoint !== undefined) this.endpoint = init.endpoint;
    if (init.retryAfterMs !== undefined) this.retryAfterMs = Math.max(0, Math.ceil(init.retryAfterMs));
    this.#summary = summary;
    this.#rawCause = init.cause;
  }

  /**
   * Closes the books of a call: takes its decision log over, and says in the message how much was tried, and for how long.
   * @internal
   */
  withAttempts(attempts: readonly AttemptRecord[], durationMs: number, requestId?: string): this {
    Object.assign(this, { attempts });
    this.#requestId = requestId;
    const ms = Math.max(1, Math.round(durationMs));
    if (attempts.length > 1) {
      const count = `${attempts.length} attempts failed in ${ms} ms`;
      this.#rewriteMessage(prefixed(this.service, `${count}, last: ${this.#summary}`));
    } else if (attempts.length === 1 && this.code !== 'ERR_TIMEOUT') {
      // Not worth the stack's being put into words here: it begins with the message of the moment when it is first looked at.
      this.message = prefixed(this.service, `${this.#summary} after ${ms} ms`);
    }
    return this;
  }

  /** A text about the failure that is safe to show to anybody. */
  safeMessage(): string {
    if (this.gatewayStatus >= 502 && this.gatewayStatus <= 504) return unavailableMessage(this.service);
    return `${this.service} request failed`.trimStart();
  }

  /**
   * The failure as a problem details object (RFC 9457), safe to send to anybody.
   * @example
   * reply.code(error.gatewayStatus).type('application/problem+json').send(error.toProblem());
   */
  toProblem(): Problem {
    return describeProblem({
      status: this.gatewayStatus,
      detail: this.safeMessage(),
      service: this.service,
      code: this.code,
      requestId: this.#requestId,
    });
  }

  /** What a structured log should hold; a caller's own `cause` is left out, since nobody knows what is in it. */
  toJSON(): Record<string, unknown> {
    return Object.assign(describe(this), this.#describedCause());
  }

  #describedCause(): { cause?: unknown } {
    const { cause } = this;
    if (isServiceClientError(cause)) return jsonOf(cause);
    return cause !== this.#rawCause && cause instanceof Error ? { cause: describe(cause) } : {};
  }

  #rewriteMessage(message: string): void {
    const before = `${this.name}: ${this.message}`;
    const { stack } = this;
    this.message = message;
    if (typeof stack === 'string' && stack.startsWith(before)) {
      this.stack = `${this.name}: ${message}${stack.slice(before.length)}`;
    }
  }
}

/** Of any copy of this package, or of something that only says so. */
function jsonOf(cause: { toJSON(): unknown }): { cause?: unknown } {
  try {
    return { cause: cause.toJSON() };
  } catch {
    return {};
  }
}

function describe(error: Error): Record<string, unknown> {
  const described: Record<string, unknown> = { name: error.name, message: error.message };
  return Object.assign(described, error);
}

function prefixed(service: string, summary: string): string {
  return service === '' ? summary : `${service}: ${summary}`;
}

function causeOptions({ cause, callerCause }: ServiceClientErrorInit): ErrorOptions | undefined {
  if (cause === undefined) return undefined;
  return { cause: callerCause === true || isServiceClientError(cause) ? cause : cleanCause(cause) };
}
