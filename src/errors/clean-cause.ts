import { stackless } from './stackless.ts';

/** Texts are ours, since a raw message may quote a URL, a header or what the upstream sent. */
const TEXTS: Readonly<Record<string, string>> = {
  ABORT_ERR: 'aborted',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate',
  EADDRNOTAVAIL: 'no local address available',
  EAI_AGAIN: 'name lookup failed for now',
  ECONNABORTED: 'connection aborted',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  EMFILE: 'too many open files',
  ENETUNREACH: 'network unreachable',
  ENODATA: 'name has no address',
  ENOTFOUND: 'name not found',
  EPIPE: 'connection closed while writing',
  EPROTO: 'TLS protocol error',
  ERR_BODY_LENGTH_MISMATCH: 'body does not have its announced length',
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: 'body does not have its announced length',
  ERR_STREAM_PREMATURE_CLOSE: 'closed before its end',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
  ETIMEDOUT: 'connection timed out',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in the chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate of an unknown issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate cannot be verified',
};

/** Families of codes too long to list. */
const FAMILIES: readonly (readonly [prefix: string, text: string])[] = [
  ['HPE_', 'malformed response'],
  ['ERR_SSL_', 'TLS protocol error'],
  ['ERR_TLS_', 'TLS failure'],
  ['CERT_', 'certificate not valid'],
  ['Z_', 'corrupt content coding'],
  ['ERR_BROTLI_', 'corrupt content coding'],
  ['ERR__ERROR_FORMAT', 'corrupt content coding'],
  ['ZSTD_', 'corrupt content coding'],
];

const NAME = /^[A-Z][A-Za-z]{0,40}(?:Error|Exception)$/;
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;
const SYSCALL = /^[A-Za-z]{1,32}$/;

/** `value` if it is a code as Node and OpenSSL write them. */
export function systemCode(value: unknown): string | undefined {
  return matching(CODE, value);
}

/** The code of something thrown, if it has one. */
export function systemCodeOf(raw: unknown): string | undefined {
  return systemCode(read(raw, 'code'));
}

/**
 * A stand-in for an error from below that is safe to print: its name, code and syscall, and a fixed message.
 * It does not lead back to `raw`, whose message and properties (got's `options` hold the Authorization header) may not be shown.
 */
export function cleanCause(raw: unknown): Error {
  const code = systemCodeOf(raw);
  const syscall = matching(SYSCALL, read(raw, 'syscall'));
  const name = matching(NAME, read(raw, 'name')) ?? 'Error';
  const clean = stackless(() => new Error(textOf(code, name)));
  hide(clean, 'name', name);
  // No frames either: a raw message can hold lines that look like them.
  hide(clean, 'stack', `${name}: ${clean.message}`);
  return Object.assign(clean, code !== undefined && { code }, syscall !== undefined && { syscall });
}

function textOf(code: string | undefined, name: string): string {
  if (code !== undefined) {
    if (Object.hasOwn(TEXTS, code)) return TEXTS[code]!;
    const family = FAMILIES.find(([prefix]) => code.startsWith(prefix));
    if (family !== undefined) return family[1];
  }
  return name === 'SyntaxError' ? 'not well-formed' : 'failed below the client';
}

function matching(pattern: RegExp, value: unknown): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

/** Anything can be thrown, also a revoked proxy. */
function read(value: unknown, key: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function hide(error: Error, key: 'name' | 'stack', value: string): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
