import { systemCode as checkedCode, systemCodeOf } from './clean-cause.ts';
import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

/** What a call was doing when the network failed it. */
export type NetworkPhase = 'lookup' | 'connect' | 'tls' | 'request' | 'response' | 'body';

export interface NetworkErrorInit {
  readonly service: string;
  readonly endpoint?: string | undefined;
  readonly phase: NetworkPhase;
  /** The cause's own code if left out. */
  readonly systemCode?: string | undefined;
  readonly cause?: unknown;
  readonly callerCause?: boolean | undefined;
  readonly neverSent?: boolean | undefined;
  readonly staleConnection?: boolean | undefined;
  readonly sourceFailed?: boolean | undefined;
}

/** Rejects a call whose connection failed: at the name lookup, while connecting, sending or receiving. */
export class NetworkError extends ServiceClientError {
  readonly code = 'ERR_NETWORK';
  /** 502 once a response had begun, else 503. */
  readonly gatewayStatus: 502 | 503;
  readonly phase: NetworkPhase;
  /** The system's code, such as `ECONNREFUSED`, where there is one. */
  readonly systemCode: string | undefined;

  readonly #neverSent: boolean;
  readonly #staleConnection: boolean;
  readonly #sourceFailed: boolean;

  static {
    nameErrors(NetworkError.prototype, 'NetworkError');
  }

  constructor(init: NetworkErrorInit) {
    const systemCode = checkedCode(init.systemCode) ?? codeOfCause(init);
    super(summaryOf(init, systemCode), init);
    this.phase = init.phase;
    this.systemCode = systemCode;
    this.gatewayStatus = init.phase === 'body' ? 502 : 503;
    this.#neverSent = init.neverSent === true;
    this.#staleConnection = init.staleConnection === true;
    this.#sourceFailed = init.sourceFailed ?? (init.callerCause === true && init.phase === 'request');
  }

  /** The request provably never reached the server: resending it is safe with any method. */
  get neverSent(): boolean {
    return #neverSent in this && this.#neverSent;
  }

  /** A pooled connection turned out closed before any byte of the response. */
  get staleConnection(): boolean {
    return #staleConnection in this && this.#staleConnection;
  }

  /** The caller's own upload failed or had another length than it said: nothing the endpoint did. */
  get sourceFailed(): boolean {
    return #sourceFailed in this && this.#sourceFailed;
  }
}

function codeOfCause({ cause, callerCause }: NetworkErrorInit): string | undefined {
  return callerCause === true ? undefined : systemCodeOf(cause);
}

function summaryOf(init: NetworkErrorInit, systemCode: string | undefined): string {
  const happening = happeningOf(init, systemCode, init.endpoint ?? 'the service');
  return systemCode === undefined ? happening : `${happening} (${systemCode})`;
}

function happeningOf(
  { phase, callerCause }: NetworkErrorInit,
  code: string | undefined,
  peer: string,
): string {
  if (callerCause === true && phase === 'request') return `request body for ${peer} failed at its source`;
  if (code === 'ECONNREFUSED') return `connection to ${peer} refused`;
  switch (phase) {
    case 'lookup':
      return `name of ${peer} ${code === 'ENOTFOUND' ? 'not found' : 'could not be looked up'}`;
    case 'connect':
      return `connection to ${peer} failed`;
    case 'tls':
      return `TLS handshake with ${peer} failed`;
    case 'request':
      return `request to ${peer} broke off while it was sent`;
    case 'response':
      if (code?.startsWith('HPE_')) return `malformed response from ${peer}`;
      return `connection to ${peer} lost before its response`;
    case 'body':
      return `body from ${peer} broke off`;
  }
}
