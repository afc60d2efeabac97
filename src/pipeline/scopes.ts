import type { Permit } from '../breaker/permit.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ServiceRequest } from '../request/service-request.ts';
import type { Cancellation } from '../time/cancellation.ts';
import type { Call } from './call.ts';

/** What every stage of a call knows. */
export interface CallScope {
  readonly call: Call;
  readonly request: ServiceRequest;
}

/** One attempt before it has an endpoint. */
export interface AttemptScope extends CallScope {
  readonly attempt: Attempt;
}

/** What the retry stage asks of one attempt. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Endpoints that failed this call already; another one is preferred. */
  readonly tried: ReadonlySet<Endpoint>;
  /** The attempt before went out on a pooled connection that was closed already. */
  readonly freshConnection: boolean;
  /** The attempt before was answered 401: ask for new credentials. */
  readonly refreshAuth: boolean;
  /** A 401 leads to such a resend. */
  readonly mayRefreshAuth: boolean;
}

/** One request for the wire, at one endpoint. */
export interface DispatchScope extends AttemptScope {
  readonly endpoint: Endpoint;
  readonly permit: Permit;
  /** Ends this attempt alone; the call's own cancellation ends it too. */
  readonly cancellation: Cancellation;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The body is left out when a redirect turned the request into a GET. */
  readonly dropBody: boolean;
  readonly time: AttemptTime;
}

/** When an attempt's time runs; the transport says where on the wire it is. */
export interface AttemptTime {
  readonly hadSocket: boolean;
  onSocket(): void;
  onUploadStart(): void;
  onUploadEnd(): void;
  /** The attempt is over. */
  stop(): void;
}
