import type { ServiceClientError } from '../errors/service-client-error.ts';
import { type FailurePoint, firstOfAll, translateFailure, unwritableRequest } from './translate-failure.ts';

/** What Node says in the same case, so that an error's `systemCode` does not depend on the transport. */
const AS_NODE_SAYS: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_HEADERS_OVERFLOW: 'HPE_HEADER_OVERFLOW',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
};

/** Turns what undici, Node or OpenSSL reported into an error of ours. */
export function translateUndiciError(error: unknown, at: FailurePoint): ServiceClientError {
  const cause = firstOfAll(error);
  if (!(cause instanceof Error)) return translateFailure(cause, at);
  const code = (cause as { code?: unknown }).code;
  if (code === 'UND_ERR_INVALID_ARG') return unwritableRequest(at.service, argumentIn(cause.message), cause);
  return translateFailure(cause, at, malformedCode(cause, code, at) ?? nodeCode(code));
}

function nodeCode(code: unknown): string | undefined {
  return typeof code === 'string' ? (AS_NODE_SAYS[code] ?? code) : undefined;
}

/** undici tells answers that are none apart by name and message only, or says what else was wrong. */
function malformedCode({ name, message }: Error, code: unknown, at: FailurePoint): string | undefined {
  if (code === 'UND_ERR_SOCKET' && message === 'bad upgrade') return 'HPE_UNEXPECTED_UPGRADE';
  if (code === 'UND_ERR_SOCKET' && message === 'bad response') return 'HPE_INVALID_RESPONSE';
  if (name === 'HTTPParserError' && code === undefined) return 'HPE_INVALID_RESPONSE';
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && !at.headArrived)
    return 'HPE_UNEXPECTED_CONTENT_LENGTH';
  return undefined;
}

function argumentIn(message = ''): string {
  if (message.includes('header')) return 'headers';
  return message.includes('method') ? 'method' : 'path';
}
