import { describe, expect, test } from 'vitest';
import { type Auth, type AuthRequest, ConfigurationError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { type Answer, held, json, mockServices, status } from './mocked-services.ts';
import { openClient, openSkippingClient } from './test-client.ts';

const [users, second, tokens] = mockServices('http://users.test', 'http://second.test', 'http://tokens.test');

/** Takes a token only. */
const wants =
  (token: string): Answer =>
  ({ headers }) =>
    headers.authorization === token ? Response.json({}) : new Response(null, { status: 401 });

/** A token store whose refresh makes the next one; it keeps what it was asked. */
function tokenStore() {
  const asked: AuthRequest[] = [];
  let version = 1;
  const auth: Auth = async request => {
    asked.push(request);
    if (request.refresh) version++;
    return `Bearer ${version}`;
  };
  return { auth, asked, refreshes: () => asked.filter(({ refresh }) => refresh).length };
}

describe('auth', () => {
  test('sets Authorization, asked per attempt and told the endpoint', async () => {
    users.answers(status(503), json({}));
    const { auth, asked } = tokenStore();
    await openSkippingClient({ auth }).client.get('/');
    expect(users.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 1']);
    expect(asked).toMatchObject([
      { refresh: false, endpoint: 'http://users.test', signal: expect.any(AbortSignal) },
      { refresh: false },
    ]);
  });

  test('may answer at once', async () => {
    await openClient({ auth: () => 'Basic abc' }).client.get('/');
    expect(users.requests).toMatchObject([{ headers: { authorization: 'Basic abc' } }]);
  });

  test.each([undefined, '', 7, 'a\r\nb: c'])(
    'that returns %o is a ConfigurationError, and nothing is sent',
    async value => {
      const { client } = openClient({ auth: () => value as string });
      expect(await rejectionOf(client.get('/'))).toBeInstanceOf(ConfigurationError);
      expect(users.requests).toEqual([]);
    },
  );

  test('that throws fails the call with its own error, resends nothing and says nothing about the endpoint', async () => {
    const error = new Error('no token');
    const auth = () => {
      throw error;
    };
    const { client, events } = openClient({ auth, circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } });
    expect(await rejectionOf(client.get('/'))).toBe(error);
    expect(users.requests).toEqual([]);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 0 }]);
    expect(events.of('attempt:end')).toMatchObject([{ outcome: 'error' }]);
    expect(events.of('attempt:end')[0]?.reason).not.toContain('no token');
  });

  test('that fails with the error of another service leaves that error, and our circuit, as they are', async () => {
    tokens.answers(status(503));
    const issuer = openClient({ name: 'tokens', baseUrl: 'http://tokens.test', retry: false });
    const auth = async () => String((await issuer.client.get('/token')).data);
    const { client, events } = openClient({ auth, circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } });
    const error = await rejectionOf(client.get('/'));
    expect(error).toMatchObject({
      service: 'tokens',
      message: expect.stringMatching(/^tokens: 503 from http:\/\/tokens\.test after \d+ ms$/),
      attempts: [{ endpoint: 'http://tokens.test' }],
    });
    expect(tokens.requests).toHaveLength(1);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
    expect(events.of('call:end')).toMatchObject([
      { outcome: 'failure', attempts: [{ outcome: 'error', retry: { refused: 'not-retryable' } }] },
    ]);
  });

  test('that never answers is ended by the total time, and neutral', async () => {
    const { client, clock } = openClient({
      auth: () => new Promise(() => {}),
      circuitBreaker: { minThroughput: 1, failureRatio: 0.01 },
    });
    const call = rejectionOf(client.get('/'));
    await clock.advance(30_000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 0 }]);
    expect(users.requests).toEqual([]);
  });
});

describe('a 401', () => {
  test.each(['GET', 'POST', 'PATCH'])('of %s is resent once with fresh credentials', async method => {
    users.answers(wants('Bearer 2'));
    const { auth, asked } = tokenStore();
    const { client, events } = openClient({ auth });
    const { attempts } = await client.request(method, '/');
    expect(users.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
    expect(asked.map(({ refresh }) => refresh)).toEqual([false, true]);
    expect(attempts).toMatchObject([
      { number: 1, status: 401, retry: { delayMs: 0, source: 'immediate' } },
      { number: 2, status: 200 },
    ]);
    expect(events.of('retry:scheduled')).toMatchObject([{ source: 'immediate', delayMs: 0 }]);
  });

  test('is resent without retries and without a budget too', async () => {
    users.answers(wants('Bearer 2'));
    const off = openClient({ auth: tokenStore().auth, retry: false });
    await off.client.post('/', { json: { a: 1 } });
    expect(users.requests.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
    const none = { budget: { ratio: 0, minRetriesPerSecond: 0 } };
    await openClient({ auth: tokenStore().auth, retry: none }).client.get('/');
    expect(users.requests).toHaveLength(4);
  });

  test('that stays one fails the call, after one refresh', async () => {
    users.answers(status(401));
    const { auth, refreshes } = tokenStore();
    const error = await rejectionOf(openClient({ auth }).client.get('/'));
    expect(error).toMatchObject({ status: 401, attempts: [{}, { retry: { refused: 'not-retryable' } }] });
    expect([users.requests.length, refreshes()]).toEqual([2, 1]);
  });

  test('leaves the call all its attempts', async () => {
    users.answers(status(401), status(503), status(503), json({}));
    const { client } = openSkippingClient({ auth: tokenStore().auth, retry: { maxAttempts: 3 } });
    expect((await client.get('/')).attempts).toHaveLength(4);
  });

  test('without auth is an ordinary 4xx', async () => {
    users.answers(status(401));
    await rejectionOf(openClient().client.get('/'));
    expect(users.requests).toHaveLength(1);
  });

  test('of a body that cannot be sent again is not resent', async () => {
    users.answers(status(401));
    const { client } = openClient({ auth: tokenStore().auth });
    await rejectionOf(client.post('/', { body: new Blob(['x']).stream() }));
    expect(users.requests).toHaveLength(1);
  });

  test('at the same time for many calls is one refresh', async () => {
    const refused = held(status(401));
    users.answers(...Array(10).fill(refused.answer), wants('Bearer 2'));
    const { auth, refreshes } = tokenStore();
    const { client } = openClient({ auth, timeout: { connectMs: false } });
    const calls = Array.from({ length: 10 }, () => client.get('/'));
    await users.received(10);
    refused.release();
    await Promise.all(calls);
    expect([users.requests.length, refreshes()]).toEqual([20, 1]);
  });

  test('refreshed for one endpoint never reaches another', async () => {
    const released = Promise.withResolvers<void>();
    users.answers(wants('for http://users.test'));
    second.answers(wants('for http://second.test'));
    const auth: Auth = async ({ refresh, endpoint }) => {
      if (!refresh) return 'old';
      await released.promise;
      return `for ${endpoint}`;
    };
    const { client, events } = openClient({
      auth,
      endpoints: ['http://users.test', 'http://second.test'],
      loadBalancing: { strategy: { pick: ([first, other]) => (first?.inFlight === 0 ? first : other) } },
    });
    const calls = [client.get('/'), client.get('/')];
    await events.waitFor('retry:scheduled', 2);
    released.resolve();
    await Promise.all(calls);
    for (const { requests } of [users, second]) expect(requests).toHaveLength(2);
  });

  test('is neutral for the circuit: the resend is the trial', async () => {
    users.answers(status(500), wants('Bearer 2'));
    const { client, clock } = openClient({
      auth: tokenStore().auth,
      retry: false,
      circuitBreaker: { minThroughput: 1, failureRatio: 1, openMs: 1000 },
    });
    await client.safe.get('/');
    await clock.advance(1000);
    const seen: string[] = [];
    client.on('attempt:start', () => seen.push(String(client.health().endpoints[0]?.circuit)));
    await client.get('/');
    expect(seen).toEqual(['half-open', 'half-open']);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
  });

  test('of a stream is refreshed too', async () => {
    users.answers(wants('Bearer 2'));
    const { client } = openClient({ auth: tokenStore().auth });
    const { status: code, body } = await client.stream('GET', '/');
    body.resume();
    expect(code).toBe(200);
  });
});
