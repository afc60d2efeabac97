import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';
import { LoopError } from '../../../src/errors/loop-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { TimeoutError } from '../../../src/errors/timeout-error.ts';
import { unavailableMessage } from '../../../src/errors/unavailable-message.ts';
import { endpoint, everyError, SECRET, service } from './every-error.ts';

function statusError(status: number, data: unknown): StatusError {
  return new StatusError({ service, endpoint, status, headers: {}, data, method: 'GET' });
}

test('a failure of the service is the fallback text and nothing of its own', () => {
  expect(new TimeoutError({ service: 'youtube', scope: 'total', timeoutMs: 5 }).toProblem()).toEqual({
    type: 'about:blank',
    title: 'Gateway Timeout',
    status: 504,
    detail: 'youtube service unavailable',
    service: 'youtube',
    code: 'ERR_TIMEOUT',
  });
});

test('a 4xx carries the safe message of the upstream as its detail', () => {
  expect(statusError(404, { error: { message: 'no such\nvideo' } }).toProblem()).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'no such video',
    service,
    code: 'ERR_STATUS',
  });
});

test.each([undefined, '<html>denied</html>', { message: 5 }, ['message']])(
  'a 4xx that says %o is told by its status',
  data => {
    expect(statusError(403, data).safeMessage()).toBe('users service answered 403');
    expect(statusError(403, data).toProblem().detail).toBe('users service answered 403');
  },
);

test('no upstream text of any other status is shown', () => {
  const status = fc.oneof(fc.integer({ min: 500, max: 999 }), fc.integer({ min: 100, max: 399 }));
  const key = fc.constantFrom('message', 'error', 'detail', 'title');
  fc.assert(
    fc.property(status, key, (code, name) => {
      const error = statusError(code, { [name]: SECRET });
      expect(JSON.stringify(error.toProblem())).not.toContain(SECRET);
      expect(error.safeMessage()).toBe('users service unavailable');
    }),
  );
});

test('every problem has the status of its error, words for it, and a code', () => {
  for (const error of everyError()) {
    const problem = error.toProblem();
    expect(problem).toMatchObject({ status: error.gatewayStatus, service, code: error.code });
    expect(problem.title).toMatch(/^[A-Z][a-z]+( [A-Z][a-z]+)*$/);
    expect(problem.detail).toBe(error.safeMessage());
    expect(Object.keys(problem)).not.toContain('requestId');
  }
});

test('a status without a phrase still gets a title', () => {
  expect(statusError(499, undefined).toProblem()).toMatchObject({ status: 499, title: 'Unknown Error' });
});

test('the request id is in the problem when the call had one', () => {
  const error = new LoopError({ service }).withAttempts([], 3, 'request-1');
  expect(error.toProblem()).toMatchObject({ status: 508, title: 'Loop Detected', requestId: 'request-1' });
  expect(Object.keys(error)).not.toContain('requestId');
});

describe('a text that is safe to show', () => {
  test('says unavailable only of what the service did', () => {
    const issues = [{ path: 'a', message: SECRET }];
    expect(new ConfigurationError({ service, issues }).safeMessage()).toBe('users request failed');
    expect(new ConfigurationError({ issues }).safeMessage()).toBe('request failed');
  });

  test('names the service that is unavailable', () => {
    expect(unavailableMessage('youtube')).toBe('youtube service unavailable');
  });
});
