import { describe, expect, expectTypeOf, test } from 'vitest';
import type { AnyServiceClientError } from '../../../src/errors/any-service-client-error.ts';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { isServiceClientError } from '../../../src/errors/is-service-client-error.ts';
import { NetworkError, type NetworkPhase } from '../../../src/errors/network-error.ts';
import { OverloadedError } from '../../../src/errors/overloaded-error.ts';
import { ServiceClientError } from '../../../src/errors/service-client-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { TimeoutError } from '../../../src/errors/timeout-error.ts';
import { UnhealthyError } from '../../../src/errors/unhealthy-error.ts';
import type { AttemptRecord } from '../../../src/retry/attempt-record.ts';
import { endpoint, everyError, gotLikeError, service } from './every-error.ts';

function attempts(count: number): AttemptRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    endpoint,
    durationMs: 4,
    outcome: 'response',
    status: 503,
  }));
}

function unavailable(): StatusError {
  return new StatusError({ service, endpoint, status: 503, headers: {}, data: undefined, method: 'GET' });
}

describe('every error', () => {
  test.each(everyError().map(error => [error.name, error] as const))(
    '%s is a ServiceClientError',
    (name, error) => {
      expect(error).toBeInstanceOf(ServiceClientError);
      expect(error).toBeInstanceOf(Error);
      expect(error.constructor.name).toBe(name);
      expect(Object.prototype.toString.call(error)).toBe('[object Error]');
      expect(error.stack).toMatch(new RegExp(`^${name}: users: `));
    },
  );

  test('has its code, service, gateway status and log among its own properties', () => {
    for (const error of everyError()) {
      expect(Object.keys(error)).toEqual(
        expect.arrayContaining(['code', 'service', 'gatewayStatus', 'attempts']),
      );
      expect(error.service).toBe(service);
      expect(error.attempts).toEqual([]);
    }
  });

  test('keeps name, message and stack out of its enumerable properties', () => {
    for (const error of everyError()) {
      error.withAttempts(attempts(3), 10);
      const enumerable: string[] = [];
      for (const key in error) enumerable.push(key);
      for (const key of ['name', 'message', 'stack']) expect(enumerable).not.toContain(key);
      expect(enumerable).toEqual(Object.keys(error));
    }
  });
});

describe('the decision log', () => {
  test('says in the message how many attempts failed, after how long, and how the last one did', () => {
    const log = attempts(3);
    const error = unavailable();
    expect(error.withAttempts(log, 811.7)).toBe(error);
    expect(error.message).toBe('users: 3 attempts failed in 812 ms, last: 503 from http://localhost:3001');
    expect(error.attempts).toBe(log);
    expect(Object.keys(error)).toContain('attempts');
  });

  test('says so in the stack too, whose frames stay', () => {
    const error = unavailable();
    const frames = error.stack?.split('\n').slice(1);
    const lines = error.withAttempts(attempts(2), 10).stack?.split('\n');
    expect(lines?.[0]).toBe(`StatusError: ${error.message}`);
    expect(lines?.slice(1)).toEqual(frames);
    expect(frames?.length).toBeGreaterThan(0);
  });

  test('says of one attempt how long it took, and nothing of none', () => {
    const error = unavailable().withAttempts(attempts(1), 10);
    expect(error.message).toBe('users: 503 from http://localhost:3001 after 10 ms');
    expect(error.attempts).toHaveLength(1);
    expect(unavailable().withAttempts([], 10).message).toBe('users: 503 from http://localhost:3001');
  });

  test('can be set again without telling the story twice', () => {
    const error = unavailable().withAttempts(attempts(2), 10).withAttempts(attempts(3), 20);
    expect(error.message).toBe('users: 3 attempts failed in 20 ms, last: 503 from http://localhost:3001');
    expect(error.stack?.split('\n')[0]).toBe(`StatusError: ${error.message}`);
  });

  test('replaces a message of several lines as a whole', () => {
    const issues = [1, 2].map(path => ({ path: `${path}`, message: 'wrong' }));
    const error = new ConfigurationError({ service, issues }).withAttempts(attempts(2), 1);
    expect(error.stack?.match(/wrong/g)).toHaveLength(2);
    expect(error.stack).toContain(error.message);
  });

  test('leaves a stack alone that somebody else wrote', () => {
    const error = unavailable();
    error.stack = 'elsewhere';
    expect(error.withAttempts(attempts(2), 10).stack).toBe('elsewhere');
  });
});

describe('refusals, which come by the thousand', () => {
  const refusals = [
    () => new CircuitOpenError({ service, endpoint, retryAfterMs: 5 }),
    () => new OverloadedError({ service, maxConcurrent: 1, maxQueued: 0 }),
    () => new UnhealthyError({ service, endpoints: [endpoint] }),
  ];

  test.each(refusals)('capture no stack but can be read', refuse => {
    const error = refuse();
    expect(error.stack).toBe(`${error.name}: ${error.message}`);
    error.withAttempts(attempts(2), 10);
    expect(error.stack).toBe(`${error.name}: ${error.message}`);
  });

  test('leave the stacks of other errors as they are', () => {
    const limit = Error.stackTraceLimit;
    for (const refuse of refusals) refuse();
    expect(Error.stackTraceLimit).toBe(limit);
    expect(unavailable().stack).toContain('service-client-error.test');
  });

  test('work where the limit cannot be written', () => {
    const descriptor = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;
    Object.defineProperty(Error, 'stackTraceLimit', { ...descriptor, writable: false });
    try {
      for (const refuse of refusals) expect(refuse()).toBeInstanceOf(ServiceClientError);
      expect(new NetworkError({ service, phase: 'tls', cause: gotLikeError() }).cause).toBeInstanceOf(Error);
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', descriptor);
    }
  });
});

describe('own fields', () => {
  test('a status error has status, method and what it was answered with', () => {
    const headers = { 'x-a': 'b', 'set-cookie': ['c'] };
    const data = { message: 'no' };
    const error = new StatusError({
      service,
      endpoint,
      status: 429,
      headers,
      data,
      method: 'PUT',
      retryAfterMs: 7,
    });
    expect(error).toMatchObject({ status: 429, method: 'PUT', endpoint, retryAfterMs: 7 });
    expect(error.headers).toBe(headers);
    expect(error.data).toBe(data);
  });

  test('retryAfterMs is a property only where it is known, never negative and never early', () => {
    expect(unavailable()).not.toHaveProperty('retryAfterMs');
    expect(new CircuitOpenError({ service, retryAfterMs: 4199.2 }).retryAfterMs).toBe(4200);
    expect(new CircuitOpenError({ service, retryAfterMs: -3 }).retryAfterMs).toBe(0);
  });

  test.each([
    ['application/problem+json', true],
    ['Application/Problem+JSON; charset=utf-8', true],
    [['application/problem+json'], true],
    ['application/json', false],
    ['application/problem+json-seq', false],
    [undefined, false],
  ])('content-type %o makes the body a problem: %o', (contentType, isProblem) => {
    const data = { title: 'Out of credit' };
    const headers: Record<string, string | string[]> =
      contentType === undefined ? {} : { 'content-type': contentType };
    const error = new StatusError({ service, endpoint, status: 403, headers, data, method: 'GET' });
    expect(error.problem).toBe(isProblem ? data : undefined);
  });

  test.each([['text'], [undefined], [null], [['a']], [new Uint8Array(2)], [5]])(
    'a problem body that is %o is no problem',
    data => {
      const headers = { 'content-type': 'application/problem+json' };
      const error = new StatusError({ service, endpoint, status: 403, headers, data, method: 'GET' });
      expect(error.problem).toBeUndefined();
    },
  );

  test('a network error has phase and system code, given or from its cause', () => {
    const init = { service, endpoint, phase: 'connect' } as const;
    expect(new NetworkError({ ...init, systemCode: 'EPIPE', cause: gotLikeError() }).systemCode).toBe(
      'EPIPE',
    );
    expect(new NetworkError({ ...init, cause: gotLikeError() }).systemCode).toBe('ECONNREFUSED');
    expect(
      new NetworkError({ ...init, cause: gotLikeError(), callerCause: true }).systemCode,
    ).toBeUndefined();
    expect(new NetworkError(init).systemCode).toBeUndefined();
    expect(new NetworkError({ ...init, systemCode: 'a b' }).systemCode).toBeUndefined();
  });

  test('a network error tells whether the request was never sent and whether the connection was stale', () => {
    const init = { service, endpoint, phase: 'response' } as const;
    expect(new NetworkError(init)).toMatchObject({ neverSent: false, staleConnection: false });
    expect(new NetworkError({ ...init, neverSent: true })).toMatchObject({
      neverSent: true,
      staleConnection: false,
    });
    expect(new NetworkError({ ...init, staleConnection: true })).toMatchObject({
      neverSent: false,
      staleConnection: true,
    });
  });

  test('a timeout error has scope and limit, and was never sent only when connecting', () => {
    const init = { service, endpoint, timeoutMs: 50 };
    expect(new TimeoutError({ ...init, scope: 'connect' }).neverSent).toBe(true);
    for (const scope of ['attempt', 'total', 'idle'] as const) {
      const error = new TimeoutError({ ...init, scope });
      expect(error).toMatchObject({
        scope,
        timeoutMs: 50,
        neverSent: false,
        ownStall: false,
        noSocket: false,
      });
    }
    expect(new TimeoutError({ ...init, scope: 'attempt', ownStall: true })).toMatchObject({
      ownStall: true,
      noSocket: false,
    });
    expect(new TimeoutError({ ...init, scope: 'total', noSocket: true })).toMatchObject({
      ownStall: false,
      noSocket: true,
    });
  });

  test('a deadline already past is a total timeout of 0 ms', () => {
    expect(new TimeoutError({ service, scope: 'total', timeoutMs: -20 })).toMatchObject({
      scope: 'total',
      timeoutMs: 0,
    });
  });
});

describe('as JSON', () => {
  test('an error is its name, message, own fields and clean cause', () => {
    const error = new NetworkError({ service, endpoint, phase: 'connect', cause: gotLikeError() });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'NetworkError',
      message: 'users: connection to http://localhost:3001 refused (ECONNREFUSED)',
      code: 'ERR_NETWORK',
      service,
      endpoint,
      gatewayStatus: 503,
      attempts: [],
      phase: 'connect',
      systemCode: 'ECONNREFUSED',
      cause: {
        name: 'RequestError',
        message: 'connection refused',
        code: 'ECONNREFUSED',
        syscall: 'connect',
      },
    });
  });

  test("an error leaves its caller's own cause out", () => {
    const cause = Object.assign(new Error('theirs'), { password: 'theirs' });
    const error = new NetworkError({ service, phase: 'request', cause, callerCause: true });
    expect(JSON.stringify(error)).not.toContain('theirs');
  });

  test('an error shows a cause that is one of ours the same way', () => {
    const cause = unavailable();
    const { cause: described } = new NetworkError({ service, phase: 'body', cause }).toJSON();
    expect(described).toEqual(cause.toJSON());
  });

  test('a cause that only says it is one of ours, and throws when asked, does not spoil the JSON', () => {
    const cause = Object.assign(new Error('theirs'), {
      [Symbol.for('holdfast.error')]: true,
      toJSON: () => {
        throw new Error('no');
      },
    });
    const error = new NetworkError({ service, phase: 'request', cause, callerCause: true });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'ERR_NETWORK' });
    expect(error.cause).toBe(cause);
  });
});

test('switching on the code narrows to the class', () => {
  const narrow = (error: AnyServiceClientError) => {
    switch (error.code) {
      case 'ERR_STATUS':
        expectTypeOf(error).toEqualTypeOf<StatusError>();
        return error.status;
      case 'ERR_NETWORK':
        expectTypeOf(error.phase).toEqualTypeOf<NetworkPhase>();
        return error.phase;
      case 'ERR_CIRCUIT_OPEN':
        expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
        return error.retryAfterMs;
      default:
        expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>();
        return undefined;
    }
  };
  expect(narrow(unavailable())).toBe(503);
  const caught: unknown = unavailable();
  if (isServiceClientError(caught) && caught.code === 'ERR_STATUS')
    expectTypeOf(caught).toEqualTypeOf<StatusError>();
});
