import type { CallSettings } from '../options/resolved-options.ts';
import type { Information } from '../transport/transport.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestHeaders } from './request-headers.ts';
import type { StandardSchemaV1 } from './standard-schema.ts';

/** Who reads the reply: `buffered` calls get data, `stream` a body, `raw` (passthrough, fetch) every status as it is. */
export type RequestMode = 'buffered' | 'stream' | 'raw';

/** How a buffered body is read; `auto` goes by its content type. */
export type ResponseType = 'auto' | 'json' | 'text' | 'bytes';

/** A call's input after normalising: checked, frozen, the same for every attempt. */
export interface ServiceRequest {
  readonly mode: RequestMode;
  /** Upper case. */
  readonly method: string;
  /** Encoded, beginning with `/`, query included, relative to an endpoint's base path. */
  readonly path: string;
  /** Lower-case names; the client's and the call's merged. */
  readonly headers: RequestHeaders;
  readonly body: RequestBody;
  /** The method, `idempotent` or an idempotency key allows resending. */
  readonly resendable: boolean;
  readonly settings: CallSettings;
  /** Epoch milliseconds; the earlier of the call's own and its context's. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly decompress: boolean;
  /** Is told of interim answers, of every attempt. */
  readonly onInformation?: ((information: Information) => void) | undefined;
  /** How often a broken body may be taken up again; 0 for never. */
  readonly maxResumes: number;
  readonly route: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly responseType: ResponseType;
  readonly schema: StandardSchemaV1 | undefined;
  /** As given: a value, or a function of the error. `undefined` for none; `null` is a value. */
  readonly fallback: unknown;
}
