import { gzipSync } from 'node:zlib';
import { HttpResponse } from 'msw';
import { describe, expect, test } from 'vitest';
import { BodyTooLargeError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { mockServices, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');
const limited = { limits: { maxResponseBytes: 1000 } };

describe('maxResponseBytes', () => {
  test('lets a body of just that size through', async () => {
    users.answers(text('x'.repeat(1000), 'text/plain'));
    expect(await openClient(limited).client.get('/')).toMatchObject({ data: 'x'.repeat(1000) });
  });

  test('refuses one byte more, sent once, and no failure of the endpoint', async () => {
    users.answers(text('x'.repeat(1001), 'text/plain'));
    const { client } = openClient({ ...limited, circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } });
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(BodyTooLargeError);
    expect(error).toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
      limitBytes: 1000,
      gatewayStatus: 502,
      attempts: [{ number: 1, retry: { refused: 'not-retryable' } }],
    });
    expect(users.requests).toHaveLength(1);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 0 }]);
  });

  test('counts decoded bytes', async () => {
    const packed = gzipSync('x'.repeat(1001));
    expect(packed.length).toBeLessThan(100);
    users.answers(() => new HttpResponse(packed, { headers: { 'content-encoding': 'gzip' } }));
    expect(await rejectionOf(openClient(limited).client.get('/'))).toBeInstanceOf(BodyTooLargeError);
  });

  test('is 10 MiB by default, and false lifts it', async () => {
    const large = new Uint8Array(10 * 1024 * 1024 + 1);
    users.answers(() => new HttpResponse(large));
    const { client } = openClient();
    expect(await rejectionOf(client.get('/'))).toMatchObject({ limitBytes: 10 * 1024 * 1024 });
    const { data } = await client.get<Uint8Array>('/', { limits: { maxResponseBytes: false } });
    expect(data.length).toBe(large.length);
  });
});
