import { expect, test } from 'vitest';
import { ServiceClient, StatusError } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { rejectionOf } from '../support/transport-request.ts';

// A failing status whose body broke off, or stalled, was a network failure: a 404 was sent again and counted against the
// circuit, and a 429 came back before its Retry-After was over.

const short = { retry: { backoff: { baseDelayMs: 1 } }, timeout: { idleMs: 50 } } as const;

/** Answers with a status and half a body; then breaks it off, or says nothing more. */
function startHalf(status: number, breaks: boolean, headers: Record<string, string> = {}) {
  return startServer((_, res) => {
    res.writeHead(status, { 'content-type': 'application/json', 'content-length': '100', ...headers });
    res.write('{"message":');
    if (breaks) setImmediate(() => res.destroy());
  });
}

test.each([
  ['breaks off', true],
  ['stalls', false],
])('a 404 whose body %s is a 404, sent once, and the circuit counts it as an answer', async (_, breaks) => {
  await using server = await startHalf(404, breaks);
  const circuitBreaker = { minThroughput: 1 };
  await using client = new ServiceClient({ name: 'users', baseUrl: server.url, circuitBreaker, ...short });
  const error = await rejectionOf(client.get('/'));
  expect(error).toBeInstanceOf(StatusError);
  expect(error).toMatchObject({ status: 404, data: undefined });
  expect(server.requests).toHaveLength(1);
  expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 0 }]);
});

test('a 429 whose body breaks off is not sent again before its Retry-After', async () => {
  await using server = await startHalf(429, true, { 'retry-after': '60' });
  await using client = new ServiceClient({ name: 'users', baseUrl: server.url, ...short });
  const error = await rejectionOf(client.stream('GET', '/'));
  expect(error).toMatchObject({ status: 429, retryAfterMs: 60_000 });
  expect(error).toMatchObject({ attempts: [{ retry: { refused: 'retry-after-too-long' } }] });
  expect(server.requests).toHaveLength(1);
});

test('one that is retryable by its status is retried by its status', async () => {
  await using server = await startHalf(503, true);
  await using client = new ServiceClient({ name: 'users', baseUrl: server.url, ...short });
  expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_STATUS', status: 503 });
  expect(server.requests).toHaveLength(3);
});
