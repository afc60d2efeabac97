import type { RequestBody } from '../request/request-body.ts';
import type { StreamResponse } from '../response/stream-response.ts';
import type { AttemptRecord } from '../retry/attempt-record.ts';
import type { Cancellation } from '../time/cancellation.ts';
import type { Information } from '../transport/transport.ts';

/** A call whose reply is handed over whatever its status: what passthrough and fetch ask of the client. */
export interface RawCall {
  /** Upper case. */
  readonly method: string;
  /** Relative to the base path, query included; not checked yet. */
  readonly path: string;
  /** Lower-case names. Without `host`, framing and hop-by-hop headers: framing follows from `body`. */
  readonly headers: Record<string, string | readonly string[]>;
  readonly body: RequestBody;
  /** Cancelled by the one who opened the call: the call rejects with its reason, a body handed over breaks with it. */
  readonly cancellation: Cancellation;
  /** Epoch milliseconds. */
  readonly deadline?: number | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** `false` hands over the bytes as they came, and asks for no coding that the headers do not ask for. */
  readonly decompress: boolean;
  /** Is handed the call's books with its decision log as it begins: the reason of an abort could not carry it. */
  readonly onCall?: ((books: { readonly log: readonly AttemptRecord[] }) => void) | undefined;
  /** Is told of interim answers, of every attempt. */
  readonly onInformation?: ((information: Information) => void) | undefined;
  readonly route?: string | undefined;
  /** `false` sends no `User-Agent` unless `headers` has one. */
  readonly defaultUserAgent: boolean;
  /** How often a broken GET body may be taken up again. @defaultValue 0 */
  readonly maxResumes?: number | undefined;
  /** `undefined`: the client's own setting. */
  readonly redirect?: 'manual' | 'same-origin' | undefined;
}

/**
 * Opens a call and resolves at the head of its last reply, whatever the status.
 * Throws or rejects with a `ServiceClientError`, or with the reason of the call's cancellation.
 * What is wrong with path, headers or body is an `InvalidRequestError`, before any I/O.
 */
export type OpenRaw = (call: RawCall) => Promise<StreamResponse>;
