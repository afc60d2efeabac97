import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import { NetworkError, type NetworkPhase } from '../errors/network-error.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { TlsOptionsError } from './tls-agent.ts';

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

/** Turns what got, Node or OpenSSL reported into an error of ours. */
export function translateGotError(error: unknown, at: FailurePoint): ServiceClientError {
  const cause = rootCause(error);
  const { service, endpoint } = at;
  if (cause instanceof TlsOptionsError) return tlsOptionsFailure(cause, at);
  const systemCode = textOf(cause, 'code');
  const unwritable = systemCode === undefined ? undefined : UNWRITABLE[systemCode];
  if (unwritable !== undefined) {
    const path = messageOf(cause).startsWith('Method') ? 'method' : unwritable;
    return new InvalidRequestError({ service, issues: [{ path, message: 'cannot be sent' }], cause });
  }
  const lost = systemCode !== undefined && LOST.has(systemCode);
  const staleConnection = lost && at.silentSinceReuse && !at.headArrived;
  const phase = staleConnection ? 'response' : phaseOf(systemCode, textOf(cause, 'syscall'), at);
  return new NetworkError({
    service,
    endpoint,
    phase,
    systemCode,
    cause,
    neverSent: phase === 'lookup' || phase === 'connect' || (phase === 'tls' && at.handshaking && lost),
    staleConnection,
  });
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

/**
 * got wraps what Node reports, and its wrapper holds the request's headers; Node wraps what each address of a name
 * answered. The innermost says what happened.
 */
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error) {
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if (isGotError(cause) && cause.cause !== undefined) cause = cause.cause;
    else break;
  }
  return cause;
}

function isGotError(error: Error): boolean {
  return 'options' in error && 'timings' in error;
}

function textOf(cause: unknown, key: 'code' | 'syscall'): string | undefined {
  const value = (cause as Partial<Record<typeof key, unknown>> | null | undefined)?.[key];
  return typeof value === 'string' ? value : undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : '';
}
