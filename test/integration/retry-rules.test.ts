import { describe, expect, test } from 'vitest';
import type { CallOptions, ServiceClientOverrides } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, json, mockServices, status, text } from './mocked-services.ts';
import { openClient, openSkippingClient } from './test-client.ts';

const [users, second] = mockServices('http://users.test', 'http://second.test');

describe('which methods are resent', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s is', async method => {
    users.answers(status(503), json({}));
    await openSkippingClient().client.request(method, '/');
    expect(users.requests.map(seen => seen.method)).toEqual([method, method]);
  });

  test.each(['POST', 'PATCH', 'QUERY'])('%s reaches the server once', async method => {
    users.answers(status(503), json({}));
    const error = await rejectionOf(openSkippingClient().client.request(method, '/'));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(users.requests).toHaveLength(1);
  });

  test.each<CallOptions>([
    { idempotent: true },
    { idempotencyKey: true },
    { idempotencyKey: 'k' },
    { headers: { 'Idempotency-Key': 'k' } },
  ])('POST is with %o', async options => {
    users.answers(status(503), json({}));
    await openSkippingClient().client.post('/', options);
    expect(users.requests).toHaveLength(2);
  });

  test('retry.methods of the client and of a call say otherwise', async () => {
    users.answers(status(503), json({}), status(503));
    const { client } = openSkippingClient({ retry: { methods: ['post'] } });
    await client.post('/');
    await rejectionOf(client.get('/'));
    expect(users.requests).toHaveLength(3);
    users.answers(status(503), json({}));
    await client.get('/', { retry: { methods: ['GET'] } });
    expect(users.requests).toHaveLength(5);
  });
});

describe('which failures are resent', () => {
  test.each([500, 502, 503, 504])('%d is', async code => {
    users.answers(status(code), json({}));
    await openSkippingClient().client.get('/');
    expect(users.requests).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 408, 409, 422, 429, 501, 505])('%d is not', async code => {
    users.answers(status(code), json({}));
    const error = await rejectionOf(openSkippingClient().client.get('/'));
    expect(error).toMatchObject({ status: code, attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(users.requests).toHaveLength(1);
  });

  test('retry.statusCodes says otherwise', async () => {
    users.answers(status(418), json({}), status(503));
    const { client } = openSkippingClient({ retry: { statusCodes: [418] } });
    await client.get('/');
    await rejectionOf(client.get('/'));
    expect(users.requests).toHaveLength(3);
  });

  test('a broken connection is, for methods that may be repeated', async () => {
    users.answers(broken, json({}));
    const { client } = openSkippingClient();
    await client.get('/');
    expect(users.requests).toHaveLength(2);
    users.answers(broken);
    await rejectionOf(client.post('/'));
    expect(users.requests).toHaveLength(3);
  });

  test('a body that breaks its contract is not', async () => {
    users.answers(text('{', 'application/json'));
    await rejectionOf(openSkippingClient().client.get('/'));
    users.answers(json('x'.repeat(100)));
    await rejectionOf(openSkippingClient({ limits: { maxResponseBytes: 9 } }).client.get('/'));
    expect(users.requests).toHaveLength(2);
  });
});

describe('the marker x-should-retry', () => {
  test('false forbids a resend', async () => {
    users.answers(status(503, { 'x-should-retry': 'false' }));
    const error = await rejectionOf(openSkippingClient().client.get('/'));
    expect(error).toMatchObject({ attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(users.requests).toHaveLength(1);
  });

  test('true allows one, under the rule for methods', async () => {
    users.answers(status(409, { 'x-should-retry': 'true' }), json({}));
    const { client } = openSkippingClient();
    await client.get('/');
    expect(users.requests).toHaveLength(2);
    users.answers(status(409, { 'x-should-retry': 'true' }));
    await rejectionOf(client.post('/'));
    expect(users.requests).toHaveLength(3);
  });
});

describe('how often and after what wait', () => {
  test('three attempts, the waits doubling', async () => {
    users.answers(status(503));
    const { client, events } = openSkippingClient();
    const error = await rejectionOf(client.get('/'));
    expect(error).toMatchObject({
      attempts: [
        { number: 1, status: 503, retry: { delayMs: 100, source: 'backoff' } },
        { number: 2, status: 503, retry: { delayMs: 200, source: 'backoff' } },
        { number: 3, status: 503, retry: { refused: 'attempts-spent' } },
      ],
    });
    expect(users.requests).toHaveLength(3);
    expect(events.of('retry:refused')).toMatchObject([{ attempt: 3, refused: 'attempts-spent' }]);
  });

  test('nothing is sent before the wait is over', async () => {
    users.answers(status(503), json({}));
    const { client, clock, events } = openClient();
    const call = client.get('/');
    await events.waitFor('retry:scheduled');
    await clock.advance(99);
    expect(users.requests).toHaveLength(1);
    await clock.advance(1);
    await call;
    expect(users.requests).toHaveLength(2);
  });

  test('full jitter draws from the client’s own random', async () => {
    users.answers(status(503));
    const random = () => 0.25;
    const { client, events } = openSkippingClient({ random, retry: { backoff: { jitter: 'full' } } });
    await rejectionOf(client.get('/'));
    expect(events.of('retry:scheduled').map(({ delayMs }) => delayMs)).toEqual([25, 50]);
  });

  test('maxAttempts of 1 sends once, and so does retry: false', async () => {
    users.answers(status(503));
    const one = await rejectionOf(openClient({ retry: { maxAttempts: 1 } }).client.get('/'));
    expect(one).toMatchObject({ attempts: [{ retry: { refused: 'attempts-spent' } }] });
    const off = await rejectionOf(openClient({ retry: false }).client.get('/'));
    expect(off).toMatchObject({ attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(users.requests).toHaveLength(2);
  });
});

describe('with several endpoints', () => {
  const both = {
    endpoints: ['http://users.test', 'http://second.test'],
    // Left to itself it would always take the first.
    loadBalancing: { strategy: { pick: candidates => candidates[0] } },
  } satisfies ServiceClientOverrides;

  test('a retry goes to another one', async () => {
    users.answers(status(503));
    second.answers(json('second'));
    const { client } = openSkippingClient(both);
    for (let call = 0; call < 6; call++) {
      expect(await client.get('/')).toMatchObject({ data: 'second', endpoint: 'http://second.test' });
    }
  });

  test('it comes back to the first when all have failed', async () => {
    users.answers(status(503), json({}));
    second.answers(status(503));
    const { attempts } = await openSkippingClient(both).client.get('/');
    expect(attempts.map(({ endpoint }) => endpoint)).toEqual([
      'http://users.test',
      'http://second.test',
      'http://users.test',
    ]);
  });

  test('the call fails with the error of its last attempt', async () => {
    users.answers(status(500));
    second.answers(status(404));
    const error = await rejectionOf(openSkippingClient(both).client.get('/'));
    expect(error).toMatchObject({ status: 404, endpoint: 'http://second.test' });
    expect((error as Error).message).toMatch(
      /^users: 2 attempts failed in \d+ ms, last: 404 from http:\/\/second\.test$/,
    );
  });
});

describe('retry.shouldRetry', () => {
  test('overrules the decision both ways, and is told what happened', async () => {
    const asked: object[] = [];
    const shouldRetry = (context: { status?: number | undefined }) => {
      asked.push(context);
      return context.status === 404;
    };
    users.answers(status(404), status(503));
    const { client } = openSkippingClient({ retry: { shouldRetry } });
    const error = await rejectionOf(client.get('/{id}', { params: { id: 1 } }));
    expect(error).toMatchObject({ status: 503, attempts: [{}, { retry: { refused: 'not-retryable' } }] });
    expect(asked).toMatchObject([
      { service: 'users', method: 'GET', route: '/{id}', attempt: 1, status: 404, willRetry: false },
      { attempt: 2, status: 503, willRetry: true },
    ]);
  });

  test('keeps the decision with undefined', async () => {
    users.answers(status(503), json({}));
    await openSkippingClient({ retry: { shouldRetry: () => undefined } }).client.get('/');
    expect(users.requests).toHaveLength(2);
  });

  test('is not asked once the attempts are spent', async () => {
    users.answers(status(503));
    let asked = 0;
    const shouldRetry = () => {
      asked++;
      return true;
    };
    await rejectionOf(openSkippingClient({ retry: { maxAttempts: 2, shouldRetry } }).client.get('/'));
    expect([asked, users.requests.length]).toEqual([1, 2]);
  });
});
