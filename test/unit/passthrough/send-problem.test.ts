import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../src/errors/circuit-open-error.ts';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import { LoopError } from '../../../src/errors/loop-error.ts';
import { NetworkError } from '../../../src/errors/network-error.ts';
import { StatusError } from '../../../src/errors/status-error.ts';
import { blameClient } from '../../../src/passthrough/request-fault.ts';
import { problemAnswer, sendProblem } from '../../../src/passthrough/send-problem.ts';
import type { RetryRefusal } from '../../../src/retry/attempt-record.ts';

const ENDPOINT = 'http://10.0.0.1';

function upstreamStatus(status: number, headers: Record<string, string> = {}, data?: unknown): StatusError {
  return new StatusError({ service: 'users', endpoint: ENDPOINT, status, headers, data, method: 'GET' });
}

function refused(refusal: RetryRefusal): NetworkError {
  const error = new NetworkError({ service: 'users', endpoint: ENDPOINT, phase: 'connect' });
  const record = { number: 1, endpoint: ENDPOINT, durationMs: 1, outcome: 'error' } as const;
  return error.withAttempts([{ ...record, retry: { refused: refusal } }], 1);
}

describe('the answer', () => {
  test('is the problem of the error with its length', () => {
    const { status, headers, payload } = problemAnswer(new LoopError({ service: 'users' }));
    expect(status).toBe(508);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['content-length']).toBe(Buffer.byteLength(payload));
    expect(JSON.parse(payload)).toMatchObject({
      status: 508,
      title: 'Loop Detected',
      service: 'users',
      code: 'ERR_LOOP',
    });
  });

  test('shows nothing of a 5xx of the upstream', () => {
    const { status, payload } = problemAnswer(upstreamStatus(500, {}, { message: 'SELECT secret' }));
    expect(status).toBe(502);
    expect(payload).not.toContain('secret');
  });

  test.each([
    [1, 1],
    [1000, 1],
    [1001, 2],
    [0, 0],
  ])('says Retry-After for %d ms in whole seconds, rounded up: %d', (retryAfterMs, seconds) => {
    const error = new CircuitOpenError({ service: 'users', retryAfterMs });
    expect(problemAnswer(error).headers['retry-after']).toBe(seconds);
  });

  test('says no Retry-After where none is known', () => {
    expect(problemAnswer(upstreamStatus(503)).headers).not.toHaveProperty('retry-after');
  });

  test.each(['attempts-spent', 'budget-spent'] as const)('forbids a resend after %s', refusal => {
    expect(problemAnswer(refused(refusal)).headers['x-should-retry']).toBe('false');
  });

  test.each(['not-retryable', 'deadline-too-near', 'no-endpoint', 'circuit-open'] as const)(
    'says nothing about a resend after %s',
    refusal => {
      expect(problemAnswer(refused(refusal)).headers).not.toHaveProperty('x-should-retry');
    },
  );

  test('passes on that the upstream forbids a resend, and not that it allows one', () => {
    expect(problemAnswer(upstreamStatus(503, { 'x-should-retry': 'false' })).headers['x-should-retry']).toBe(
      'false',
    );
    expect(problemAnswer(upstreamStatus(503, { 'x-should-retry': 'true' })).headers).not.toHaveProperty(
      'x-should-retry',
    );
  });

  test('tells a client what was wrong with its request, and nobody what is wrong with our own', () => {
    const issue = { path: 'path', message: 'has a "." or ".." segment' };
    const clients = new InvalidRequestError({ service: 'users', issues: [issue] });
    blameClient(clients, false);
    expect(JSON.parse(problemAnswer(clients).payload)).toMatchObject({
      status: 400,
      title: 'Bad Request',
      detail: 'path: has a "." or ".." segment',
    });
    const own = problemAnswer(new InvalidRequestError({ service: 'users', issues: [issue] }));
    expect(own.status).toBe(500);
    expect(own.payload).not.toContain('segment');
  });

  test.each([
    new Error('secret'),
    'secret',
    undefined,
    null,
    { status: 418, message: 'secret' },
    { [Symbol.for('holdfast.error')]: true, toProblem: () => JSON.parse('secret') },
    { [Symbol.for('holdfast.error')]: true },
  ])('is a plain 500 without its text for %o', value => {
    const { status, headers, payload } = problemAnswer(value);
    expect(status).toBe(500);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(payload)).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
  });
});

describe('sendProblem', () => {
  const makeResponse = () => new ServerResponse(new IncomingMessage(new Socket()));

  test('takes back what was said of another body', () => {
    const res = makeResponse();
    for (const name of ['content-encoding', 'etag', 'content-disposition']) res.setHeader(name, 'x');
    res.setHeader('content-length', 4000);
    res.setHeader('x-request-id', 'r');
    sendProblem(res, new LoopError({ service: 'users' }));
    expect(res.statusCode).toBe(508);
    expect(res.getHeaderNames().sort()).toEqual(['content-length', 'content-type', 'x-request-id']);
    expect(res.getHeader('content-length')).not.toBe(4000);
  });

  test('cuts off a response that has begun', () => {
    const res = makeResponse();
    res.writeHead(200);
    sendProblem(res, new Error('x'));
    expect(res.destroyed).toBe(true);
  });

  test('leaves a response that was ended alone', () => {
    const res = makeResponse();
    res.end('fine');
    sendProblem(res, new Error('x'));
    expect([res.destroyed, res.statusCode]).toEqual([false, 200]);
  });

  test('does nothing where the client has gone', () => {
    const res = makeResponse();
    res.destroy();
    sendProblem(res, new Error('x'));
    expect(res.headersSent).toBe(false);
  });
});
