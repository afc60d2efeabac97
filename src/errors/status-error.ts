import type { ResponseHeaders } from '../transport/transport.ts';
import { defineUnprinted, nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';
import { upstreamMessage } from './upstream-message.ts';

export interface StatusErrorInit {
  readonly service: string;
  readonly endpoint: string;
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The decoded body. */
  readonly data: unknown;
  readonly method: string;
  /** What the upstream's `Retry-After` says. */
  readonly retryAfterMs?: number | undefined;
}

/** Rejects a call that was answered with a 4xx or 5xx. */
export class StatusError extends ServiceClientError {
  readonly code = 'ERR_STATUS';
  /** A 4xx, 503 or 504 as it is, 502 for any other 5xx. */
  readonly gatewayStatus: number;
  declare readonly endpoint: string;
  readonly status: number;
  readonly method: string;
  /** The response's headers, lower-case names. Not printed. */
  declare readonly headers: ResponseHeaders;
  /** The response's decoded body. Not printed. */
  declare readonly data: unknown;
  /** The body of an `application/problem+json` response (RFC 9457), as it came. Not printed. */
  declare readonly problem: Readonly<Record<string, unknown>> | undefined;

  readonly #wire: { readonly headers: ResponseHeaders; readonly data: unknown };

  static {
    nameErrors(StatusError.prototype, 'StatusError');
    defineUnprinted(StatusError.prototype, {
      headers: error => (#wire in error ? error.#wire.headers : undefined),
      data: error => (#wire in error ? error.#wire.data : undefined),
      problem: error => (#wire in error ? problemIn(error.#wire.headers, error.#wire.data) : undefined),
    });
  }

  constructor(init: StatusErrorInit) {
    super(`${init.status} from ${init.endpoint}`, init);
    this.status = init.status;
    this.method = init.method;
    this.gatewayStatus = gatewayStatusOf(init.status);
    this.#wire = { headers: init.headers, data: init.data };
  }

  override safeMessage(): string {
    if (this.status < 400 || this.status >= 500) return super.safeMessage();
    return upstreamMessage(this.#wire.data) ?? `${this.service} service answered ${this.status}`;
  }
}

function gatewayStatusOf(status: number): number {
  const kept = (status >= 400 && status < 500) || status === 503 || status === 504;
  return kept ? status : 502;
}

function problemIn(headers: ResponseHeaders, data: unknown): Readonly<Record<string, unknown>> | undefined {
  const [contentType = ''] = [headers['content-type']].flat();
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/problem+json') return undefined;
  return isRecord(data) ? data : undefined;
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) && !ArrayBuffer.isView(data);
}
