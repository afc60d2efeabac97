import { describe, expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const TOUCHY = { minThroughput: 2, failureRatio: 0.01 };

const answering = (status: number, headers: Record<string, string> = {}) => {
  return startServer(async (req, res, seen) => {
    req.resume();
    await seen.whole;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    sendJson(res, { message: 'no' }, status);
  });
};

describe('a status that no resend would change', () => {
  test.each([400, 401, 403, 404, 405, 408, 409, 410, 413, 418, 422, 425, 429, 431, 451, 499, 501, 505])(
    '%d is asked for once and leaves the circuit alone',
    async status => {
      await using server = await answering(status);
      await using client = openClient(server, { circuitBreaker: TOUCHY });
      const leaks = await watchLeaks([server]);
      for (let count = 0; count < 4; count++) {
        const error = await rejectionOf(client.get('/x', { idempotencyKey: true }));
        expect(error).toMatchObject({
          code: 'ERR_STATUS',
          status,
          attempts: [{ retry: { refused: 'not-retryable' } }],
        });
      }
      expect(server.requests).toHaveLength(4);
      expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed' }] });
      await leaks.verify();
    },
  );

  test('is the same for a stream', async () => {
    await using server = await answering(404);
    await using client = openClient(server, { circuitBreaker: TOUCHY });
    const leaks = await watchLeaks([server]);
    for (let count = 0; count < 4; count++) {
      const error = await rejectionOf(client.stream('GET', '/x'));
      expect(error).toMatchObject({ code: 'ERR_STATUS', status: 404, data: { message: 'no' } });
    }
    expect(server.requests).toHaveLength(4);
    expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed' }] });
    await leaks.verify();
  });
});

describe('a status that says "not now"', () => {
  test.each([500, 502, 503, 504])('%d is resent as far as the method allows', async status => {
    await using server = await answering(status);
    await using client = openClient(server, { circuitBreaker: false });
    const leaks = await watchLeaks([server]);
    const count = async (method: string, options: object = {}) => {
      const before = server.requests.length;
      await rejectionOf(client.request(method, '/x', options));
      return server.requests.length - before;
    };
    expect(await count('GET')).toBe(3);
    expect(await count('PUT', { json: 1 })).toBe(3);
    expect(await count('DELETE')).toBe(3);
    expect(await count('POST', { json: 1 })).toBe(1);
    expect(await count('PATCH', { json: 1 })).toBe(1);
    expect(await count('POST', { json: 1, idempotent: true })).toBe(3);
    expect(await count('POST', { json: 1, idempotencyKey: true })).toBe(3);
    expect(await count('GET', { retry: false })).toBe(1);
    await leaks.verify();
  });

  test('of the attempt before is forgotten by an attempt that goes well', async () => {
    let count = 0;
    await using server = await startServer((_req, res) => sendJson(res, {}, ++count < 3 ? 503 : 200));
    await using client = openClient(server);
    expect((await client.get('/x')).attempts.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  test('of an upload that can be read only once is the error, after one request', async () => {
    await using server = await answering(503);
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const body = new Blob(['one', 'two']).stream() as never;
    const error = await rejectionOf(client.put('/x', { body }));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(server.requests.map(seen => seen.body)).toEqual(['onetwo']);
    await leaks.verify();
  });
});

describe('x-should-retry', () => {
  test.each([
    ['false', 503, 'GET', 1],
    ['true', 404, 'GET', 3],
    ['true', 501, 'PUT', 3],
    ['true', 409, 'POST', 1],
    ['yes', 503, 'GET', 3],
  ])('%s on a %d: a %s is sent that often', async (marker, status, method, times) => {
    await using server = await answering(status, { 'x-should-retry': marker });
    await using client = openClient(server);
    await rejectionOf(client.request(method, '/x'));
    expect(server.requests).toHaveLength(times);
  });
});
