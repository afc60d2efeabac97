import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanCause } from '../../../src/errors/clean-cause.ts';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { endpoint, gotLikeError, SECRET, service } from './every-error.ts';

function thrown(properties: object, message = SECRET): Error {
  return Object.assign(new Error(message), properties);
}

test('a clean cause keeps name, code and syscall, and nothing else', () => {
  const clean = cleanCause(gotLikeError());
  expect(clean).toBeInstanceOf(Error);
  expect(clean.name).toBe('RequestError');
  expect(clean.message).toBe('connection refused');
  expect(clean.stack).toBe('RequestError: connection refused');
  expect(Object.entries(clean)).toEqual([
    ['code', 'ECONNREFUSED'],
    ['syscall', 'connect'],
  ]);
  expect(Reflect.ownKeys(clean).sort()).toEqual(['code', 'message', 'name', 'stack', 'syscall']);
});

test('a clean cause does not lead to the raw error', () => {
  expect(cleanCause(gotLikeError()).cause).toBeUndefined();
});

test.each([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['ENOTFOUND', 'name not found'],
  ['EAI_AGAIN', 'name lookup failed for now'],
  ['EPIPE', 'connection closed while writing'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate is for another name'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS protocol error'],
  ['HPE_INVALID_CONSTANT', 'malformed response'],
  ['Z_DATA_ERROR', 'corrupt content coding'],
  ['ERR_HTTP_CONTENT_LENGTH_MISMATCH', 'body does not have its announced length'],
  ['E_SOMETHING_NEW', 'failed below the client'],
])('the message for %s is ours: %s', (code, message) => {
  expect(cleanCause(thrown({ code }))).toMatchObject({ message, code });
});

test("a parser's error says no more than that the text is not well-formed", () => {
  const parse = () => JSON.parse(`{"password": ${SECRET}`);
  expect(parse).toThrow(SECRET.slice(0, 3));
  try {
    parse();
  } catch (raw) {
    expect(cleanCause(raw)).toMatchObject({ name: 'SyntaxError', message: 'not well-formed' });
  }
});

describe('what does not look like it came from the system is dropped', () => {
  test.each([
    { code: `Bearer ${SECRET}` },
    { code: 'A'.repeat(65) },
    { code: 20 },
    { code: { toString: () => SECRET } },
    { syscall: `connect ${SECRET}` },
    { syscall: 7 },
    { name: `Error: ${SECRET}` },
    { name: 'Hunter2' },
  ])('%o', properties => {
    const clean = cleanCause(thrown(properties));
    expect(Reflect.ownKeys(clean).sort()).toEqual(['message', 'name', 'stack']);
    expect(clean.name).toBe('Error');
  });
});

test('a clean cause can be made of anything that can be thrown', () => {
  const { proxy, revoke } = Proxy.revocable(new Error(SECRET), {});
  revoke();
  const trap = {
    get code(): string {
      throw new Error(SECRET);
    },
  };
  for (const raw of [proxy, trap, null, SECRET, 5, Symbol(SECRET), Object.create(null), () => SECRET]) {
    expect(cleanCause(raw)).toMatchObject({ name: 'Error', message: 'failed below the client' });
    expect(new NetworkError({ service, endpoint, phase: 'response', cause: raw }).rawCause).toBe(raw);
  }
});

test('no message, however it is made, gets through', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), text => {
      const clean = cleanCause(thrown({ name: text, syscall: `${text} `, stack: text }, text));
      expect(`${clean.message} ${clean.stack}`).not.toContain(text);
    }),
  );
});

test('no stack is captured for a clean cause, and the limit is as before', () => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 17;
  try {
    expect(cleanCause(new Error('x')).stack).not.toMatch(/\n/);
    expect(Error.stackTraceLimit).toBe(17);
  } finally {
    Error.stackTraceLimit = limit;
  }
});

describe('the cause of an error', () => {
  test('is a clean one, with the raw one behind an accessor', () => {
    const raw = gotLikeError();
    const error = new NetworkError({ service, endpoint, phase: 'connect', cause: raw });
    expect(error.cause).not.toBe(raw);
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED', message: 'connection refused' });
    expect(error.rawCause).toBe(raw);
  });

  test("is the caller's own as it is, where it is theirs", () => {
    const own = new Error('disk is gone');
    const upload = new NetworkError({ service, endpoint, phase: 'request', cause: own, callerCause: true });
    const body = new InvalidRequestError({ service, issues: [], cause: own, callerCause: true });
    const discovery = new NoEndpointError({ service, cause: own, callerCause: true });
    for (const error of [upload, body, discovery]) {
      expect(error.cause).toBe(own);
      expect(error.rawCause).toBe(own);
    }
  });

  test('is one of our own errors as it is, since those are clean', () => {
    const own = new NetworkError({ service, endpoint, phase: 'lookup' });
    expect(new NoEndpointError({ service, cause: own }).cause).toBe(own);
  });

  test('is not a property at all where there was none', () => {
    expect(new NetworkError({ service, endpoint, phase: 'tls' })).not.toHaveProperty('cause');
    expect('cause' in new ConfigurationError({ service, issues: [] })).toBe(false);
  });

  test('is not enumerable', () => {
    const error = new NetworkError({ service, endpoint, phase: 'tls', cause: gotLikeError() });
    expect(Object.keys(error)).not.toContain('cause');
  });
});
