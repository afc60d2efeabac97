import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { CircuitOpenError, sendProblem } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';

// A request without a body is not complete yet while its handler runs for the first time. It was taken for an upload still
// coming in, and every refusal made at once closed a connection that was worth keeping.

async function connectionAfter(method: string, body?: string) {
  await using server = await startServer((_, res) =>
    sendProblem(res, new CircuitOpenError({ service: 'users', retryAfterMs: 1 })),
  );
  const agent = new Agent({ keepAlive: true });
  const headers = body === undefined ? {} : { 'content-length': body.length };
  const sent = request(server.url, { method, agent, headers });
  const answered = new Promise<IncomingMessage>(resolve => sent.once('response', resolve));
  // Headers alone, and no more of the body until the answer is here.
  if (body === undefined) sent.end();
  else sent.flushHeaders();
  const answer = await answered;
  sent.end(body);
  expect(await json(answer)).toMatchObject({ status: 503 });
  agent.destroy();
  return answer.headers.connection;
}

test.each(['GET', 'DELETE'])('a %s refused at once keeps its connection', async method => {
  expect(await connectionAfter(method)).toBe('keep-alive');
});

test('an upload refused before it has come in ends its connection', async () => {
  expect(await connectionAfter('POST', 'x'.repeat(100))).toBe('close');
});
