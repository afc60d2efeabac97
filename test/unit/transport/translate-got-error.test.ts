import { describe, expect, test } from 'vitest';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { TlsOptionsError } from '../../../src/transport/tls-connections.ts';
import type { FailurePoint } from '../../../src/transport/translate-failure.ts';
import { translateGotError } from '../../../src/transport/translate-got-error.ts';

const ANYWHERE: FailurePoint = {
  service: 'users',
  endpoint: 'http://users.test',
  handshaking: false,
  uploading: false,
  headArrived: false,
  silentSinceReuse: false,
};

const failed = (code: string | undefined, syscall?: string) =>
  Object.assign(new Error('raw'), code !== undefined && { code }, syscall !== undefined && { syscall });

describe('the phase of a network failure', () => {
  test.each<[string, string, string | undefined, Partial<FailurePoint>, object]>([
    ['a name that is not found', 'ENOTFOUND', 'getaddrinfo', {}, { phase: 'lookup', neverSent: true }],
    ['a lookup that fails for now', 'EAI_AGAIN', 'getaddrinfo', {}, { phase: 'lookup', neverSent: true }],
    ['a lookup of another code', 'EAI_FAIL', 'getaddrinfo', {}, { phase: 'lookup', neverSent: true }],
    ['a refused connection', 'ECONNREFUSED', 'connect', {}, { phase: 'connect', neverSent: true }],
    ['an unreachable host', 'EHOSTUNREACH', 'connect', {}, { phase: 'connect', neverSent: true }],
    ['an unreachable network', 'ENETUNREACH', 'connect', {}, { phase: 'connect', neverSent: true }],
    ['a connect that the system gave up', 'ETIMEDOUT', 'connect', {}, { phase: 'connect', neverSent: true }],
    ['a host lost later', 'EHOSTUNREACH', 'read', {}, { phase: 'response', neverSent: false }],
    [
      'a refused connection under TLS',
      'ECONNREFUSED',
      'connect',
      { handshaking: true },
      { phase: 'connect', neverSent: true },
    ],
    [
      'a certificate',
      'CERT_HAS_EXPIRED',
      undefined,
      { handshaking: true },
      { phase: 'tls', neverSent: false },
    ],
    ['a reset handshake', 'ECONNRESET', 'read', { handshaking: true }, { phase: 'tls', neverSent: true }],
    [
      'an alert after the handshake',
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      undefined,
      {},
      { phase: 'tls', neverSent: false },
    ],
    ['a reset', 'ECONNRESET', 'read', {}, { phase: 'response', neverSent: false, staleConnection: false }],
    [
      'a malformed head',
      'HPE_INVALID_CONSTANT',
      undefined,
      {},
      { phase: 'response', systemCode: 'HPE_INVALID_CONSTANT' },
    ],
    ['a failing write', 'EPIPE', 'write', {}, { phase: 'request', neverSent: false }],
    [
      'a reset in an upload',
      'ECONNRESET',
      'read',
      { uploading: true },
      { phase: 'request', neverSent: false },
    ],
    ['a reset in the body', 'ECONNRESET', 'read', { headArrived: true }, { phase: 'body', neverSent: false }],
    [
      'a reset in the body of an upload',
      'ECONNRESET',
      'read',
      { headArrived: true, uploading: true },
      { phase: 'body' },
    ],
    [
      'a reset of a silent reused socket',
      'ECONNRESET',
      'read',
      { silentSinceReuse: true },
      { phase: 'response', staleConnection: true },
    ],
    [
      'a write on a closed reused socket',
      'EPIPE',
      'write',
      { silentSinceReuse: true },
      { phase: 'response', staleConnection: true },
    ],
    [
      'a malformed head on a reused socket',
      'HPE_INVALID_CONSTANT',
      undefined,
      { silentSinceReuse: true },
      { staleConnection: false },
    ],
  ])('%s', (_name, code, syscall, at, expected) => {
    const error = translateGotError(failed(code, syscall), { ...ANYWHERE, ...at });
    expect(error).toMatchObject({ code: 'ERR_NETWORK', systemCode: code, service: 'users', ...expected });
  });
});

test('the innermost error says what happened, and got does not come along', () => {
  const inner = failed('ECONNREFUSED', 'connect');
  const addresses = new AggregateError([inner, failed('ETIMEDOUT', 'connect')]);
  const options = { headers: { authorization: 'Bearer secret' } };
  const wrapper = Object.assign(new Error('', { cause: addresses }), {
    options,
    timings: {},
    code: 'ECONNREFUSED',
  });
  const error = translateGotError(wrapper, ANYWHERE);
  expect(error).toMatchObject({ phase: 'connect', systemCode: 'ECONNREFUSED', rawCause: inner });
});

test('an error without a code is a lost response', () => {
  expect(translateGotError(new TypeError('Failed to fetch'), ANYWHERE)).toMatchObject({
    code: 'ERR_NETWORK',
    phase: 'response',
    systemCode: undefined,
  });
});

test("got's plain causes keep their code", () => {
  const cause = { name: 'Error', message: 'raw', code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' };
  const wrapper = Object.assign(new Error('', { cause }), { options: {}, timings: {} });
  const error = translateGotError(wrapper, { ...ANYWHERE, headArrived: true });
  expect(error).toMatchObject({ phase: 'body', systemCode: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' });
});

test.each([
  ['ERR_INVALID_CHAR', 'raw', 'headers'],
  ['ERR_INVALID_HTTP_TOKEN', 'Header name must be a valid HTTP token', 'headers'],
  ['ERR_INVALID_HTTP_TOKEN', 'Method must be a valid HTTP token', 'method'],
  ['ERR_UNESCAPED_CHARACTERS', 'raw', 'path'],
  ['ERR_INVALID_URL', 'raw', 'path'],
])('%s is bad input', (code, message, path) => {
  const error = translateGotError(Object.assign(new Error(message), { code }), ANYWHERE);
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error).toMatchObject({ issues: [{ path }] });
});

test('TLS options that cannot be had keep their own cause, unreadable ones do not show theirs', () => {
  const cause = new Error('vault sealed');
  const own = translateGotError(new TlsOptionsError(cause, true), ANYWHERE);
  expect(own).toMatchObject({ phase: 'tls', neverSent: false, cause });
  const unreadable = translateGotError(new TlsOptionsError(new Error('PEM secret'), false), ANYWHERE);
  expect(unreadable).toMatchObject({ phase: 'tls', neverSent: false });
  expect(String((unreadable as Error & { cause: Error }).cause.message)).not.toContain('secret');
});
