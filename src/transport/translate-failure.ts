import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import { NetworkError, type NetworkPhase } from '../errors/network-error.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { TlsOptionsError } from './tls-connections.ts';

/** How far a request had come when it failed. */
export interface FailurePoint {
  readonly service: string;
  readonly endpoint: string;
  /** The TCP connection stands, the TLS session does not. */
  readonly handshaking: boolean;
  /** The request's body was still being sent. */
  readonly uploading: boolean;
  /** The response head has come. */
  readonly headArrived: boolean;
  /** The socket came from the pool and has not brought a byte since. */
  readonly silentSinceReuse: boolean;
}

/** What the caller gave could not be written as a request. */
const UNWRITABLE: Readonly<Record<string, string>> = {
  ERR_INVALID_CHAR: 'headers',
  ERR_HTTP_INVALID_HEADER_VALUE: 'headers',
  ERR_INVALID_HTTP_TOKEN: 'headers',
  ERR_UNESCAPED_CHARACTERS: 'path',
  ERR_INVALID_URL: 'path',
  ERR_UNSUPPORTED_PROTOCOL: 'path',
};

/** The other side, or something between, closed the connection. */
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);

/**
 * Turns what Node or OpenSSL reported into an error of ours.
 * @param systemCode - What the error's own code comes to, where that is not a code of Node's.
 */
export function translateFailure(
  error: unknown,
  at: FailurePoint,
  systemCode = textOf(error, 'code'),
): ServiceClientError {
  const { service, endpoint } = at;
  if (error instanceof TlsOptionsError) return tlsOptionsFailure(error, at);
  const unwritable = systemCode === undefined ? undefined : UNWRITABLE[systemCode];
  if (unwritable !== undefined) {
    return unwritableRequest(service, messageOf(error).startsWith('Method') ? 'method' : unwritable, error);
  }
  const lost = systemCode !== undefined && LOST.has(systemCode);
  const staleConnection = lost && at.silentSinceReuse && !at.headArrived;
  const phase = staleConnection ? 'response' : phaseOf(systemCode, textOf(error, 'syscall'), at);
  return new NetworkError({
    service,
    endpoint,
    phase,
    systemCode,
    cause: error,
    neverSent: phase === 'lookup' || phase === 'connect' || (phase === 'tls' && at.handshaking && lost),
    staleConnection,
  });
}

/** What the caller gave is no part of a request. */
export function unwritableRequest(service: string, path: string, cause: unknown): InvalidRequestError {
  return new InvalidRequestError({ service, issues: [{ path, message: 'cannot be sent' }], cause });
}

/** Node wraps what each address of a name answered; the first of them says what happened. */
export function firstOfAll(error: unknown): unknown {
  let cause = error;
  while (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
  return cause;
}

function phaseOf(code: string | undefined, syscall: string | undefined, at: FailurePoint): NetworkPhase {
  if (syscall === 'getaddrinfo' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'lookup';
  if (syscall === 'connect') return 'connect';
  // A client certificate is refused after the handshake, in TLS 1.3.
  if (at.handshaking || code === 'EPROTO' || code?.startsWith('ERR_SSL_')) return 'tls';
  if (at.headArrived) return 'body';
  return at.uploading || syscall === 'write' ? 'request' : 'response';
}

/** A failing certificate function or an unreadable certificate is nothing that another attempt would mend. */
function tlsOptionsFailure(error: TlsOptionsError, { service, endpoint }: FailurePoint): NetworkError {
  return new NetworkError({
    service,
    endpoint,
    phase: 'tls',
    cause: error.cause,
    callerCause: error.fromCaller,
  });
}

function textOf(cause: unknown, key: 'code' | 'syscall'): string | undefined {
  const value = (cause as Partial<Record<typeof key, unknown>> | null | undefined)?.[key];
  return typeof value === 'string' ? value : undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : '';
}
