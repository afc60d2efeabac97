import { expect, test } from 'vitest';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { problemResponse } from '../../../src/passthrough/problem-response.ts';
import { problemAnswer } from '../../../src/passthrough/send-problem.ts';

test('a failure becomes a Response with what sendProblem would write', async () => {
  const error = new CircuitOpenError({ service: 'users', endpoint: 'http://a', retryAfterMs: 1200 });
  const { status, headers, payload } = problemAnswer(error);
  const response = problemResponse(error);
  expect(response.status).toBe(503);
  expect(response.status).toBe(status);
  expect(Object.fromEntries(response.headers)).toEqual(
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  );
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('retry-after')).toBe('2');
  expect(await response.text()).toBe(payload);
});

test.each([new Error('secret'), 'secret', undefined])(
  '%s becomes a plain 500 without its text',
  async error => {
    const response = problemResponse(error);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  },
);
