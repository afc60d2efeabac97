import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, json, mockServices, silent, status } from './mocked-services.ts';
import { openClient, openSkippingClient } from './test-client.ts';

const [users] = mockServices('http://users.test');
const tooMany = (retryAfter: string, headers: Record<string, string> = {}) =>
  status(429, { 'retry-after': retryAfter, ...headers });

describe('Retry-After', () => {
  test('on 429 is waited for, with the backoff after it', async () => {
    users.answers(tooMany('2'), json({}));
    const { client, clock, events } = openClient();
    const call = client.get('/');
    expect(await events.waitFor('retry:scheduled')).toMatchObject([{ delayMs: 2100, source: 'retry-after' }]);
    await clock.advance(2099);
    expect(users.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await call).toMatchObject({
      attempts: [{ retry: { delayMs: 2100, source: 'retry-after' } }, {}],
    });
  });

  test('on 503 may be a date, corrected by the Date of the answer', async () => {
    const headers = {
      date: 'Tue, 01 Jan 2030 00:00:00 GMT',
      'retry-after': 'Tue, 01 Jan 2030 00:00:03 GMT',
    };
    users.answers(status(503, headers), json({}));
    const { client, events } = openSkippingClient();
    await client.get('/');
    expect(events.of('retry:scheduled')).toMatchObject([{ delayMs: 3100, source: 'retry-after' }]);
  });

  test.each(['0', 'Tue, 01 Jan 2000 00:00:00 GMT'])('of %s means the plain backoff', async value => {
    users.answers(tooMany(value), json({}));
    const { client, events } = openSkippingClient();
    await client.get('/');
    expect(events.of('retry:scheduled')).toMatchObject([{ delayMs: 100, source: 'backoff' }]);
  });

  test.each(['-1', 'soon', '1.5', '1e3', ''])('of "%s" counts as absent', async value => {
    users.answers(tooMany(value));
    const error = await rejectionOf(openSkippingClient().client.get('/'));
    expect(error).toMatchObject({ attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(users.requests).toHaveLength(1);
  });

  test('is ruled by the method too', async () => {
    users.answers(tooMany('1'));
    await rejectionOf(openSkippingClient().client.post('/'));
    expect(users.requests).toHaveLength(1);
  });

  test('on any other status says nothing', async () => {
    users.answers(status(404, { 'retry-after': '1' }));
    await rejectionOf(openSkippingClient().client.get('/'));
    expect(users.requests).toHaveLength(1);
  });

  test.each(['11', '99999999999999999999'])('of %s s is too long: the call ends at once', async value => {
    users.answers(tooMany(value));
    const error = await rejectionOf(openClient().client.get('/'));
    expect(error).toMatchObject({ attempts: [{ retry: { refused: 'retry-after-too-long' } }] });
    expect(error).toMatchObject({ retryAfterMs: expect.any(Number) });
  });

  test('too long for one client is fine for another', async () => {
    users.answers(tooMany('11'), json({}));
    await openSkippingClient({ retry: { maxRetryAfterMs: 11_000 } }).client.get('/');
    expect(users.requests).toHaveLength(2);
  });
});

describe('the deadline', () => {
  test('refuses a wait that would end at it', async () => {
    users.answers(status(503));
    const error = await rejectionOf(openClient({ timeout: { totalMs: 100 } }).client.get('/'));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'deadline-too-near' } }] });
  });

  test('allows one that ends before it', async () => {
    users.answers(status(503), json({}));
    await openSkippingClient({ timeout: { totalMs: 101 } }).client.get('/');
    expect(users.requests).toHaveLength(2);
  });

  test('of the call itself counts the same', async () => {
    users.answers(status(503));
    const { client, clock } = openClient();
    const error = await rejectionOf(client.get('/', { deadline: clock.now() + 100 }));
    expect(error).toMatchObject({ attempts: [{ retry: { refused: 'deadline-too-near' } }] });
  });
});

describe('the budget', () => {
  const tight = { budget: { ratio: 0.5, minRetriesPerSecond: 0, windowMs: 10_000 } };

  test('allows so many resends per call, shared by all calls', async () => {
    const { client, events } = openSkippingClient({ retry: tight, circuitBreaker: false });
    for (let call = 0; call < 9; call++) await client.get('/');
    users.answers(status(503));
    const before = users.requests.length;
    for (let call = 0; call < 10; call++) await rejectionOf(client.get('/'));
    const resends = users.requests.length - before - 10;
    expect(resends).toBe(9);
    expect(
      events.of('retry:refused').filter(({ refused }) => refused === 'budget-spent').length,
    ).toBeGreaterThan(0);
  });

  test('of zero allows none', async () => {
    users.answers(status(503));
    const { client } = openClient({ retry: { budget: { ratio: 0, minRetriesPerSecond: 0 } } });
    const error = await rejectionOf(client.get('/'));
    expect(error).toMatchObject({ attempts: [{ retry: { refused: 'budget-spent' } }] });
  });

  test('takes its token when the decision is made, before the wait', async () => {
    users.answers(status(503));
    const floor = { ratio: 0, minRetriesPerSecond: 0.1, windowMs: 10_000 };
    const { client, clock, events } = openClient({ retry: { budget: floor, maxAttempts: 2 } });
    const first = rejectionOf(client.get('/'));
    await events.waitFor('retry:scheduled');
    expect(await rejectionOf(client.get('/'))).toMatchObject({
      attempts: [{ retry: { refused: 'budget-spent' } }],
    });
    await clock.advance(100);
    await first;
    expect(users.requests).toHaveLength(3);
  });

  test('false lifts it', async () => {
    users.answers(status(503));
    const { client } = openSkippingClient({ retry: { budget: false }, circuitBreaker: false });
    for (let call = 0; call < 30; call++) await rejectionOf(client.get('/'));
    expect(users.requests).toHaveLength(90);
  });
});

describe('no endpoint for the resend', () => {
  test('circuit-open: the only one has just opened', async () => {
    users.answers(status(503));
    const { client } = openClient({ circuitBreaker: { minThroughput: 1, failureRatio: 1 } });
    const error = await rejectionOf(client.get('/'));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'circuit-open' } }] });
    expect(users.requests).toHaveLength(1);
  });

  test('circuit-open: it opened during the wait, by another call', async () => {
    users.answers(status(503));
    const { client, clock, events } = openClient({ circuitBreaker: { minThroughput: 2, failureRatio: 1 } });
    const first = rejectionOf(client.get('/'));
    await events.waitFor('retry:scheduled');
    await rejectionOf(client.get('/', { retry: false }));
    await clock.advance(100);
    expect(await first).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'circuit-open' } }] });
    expect(users.requests).toHaveLength(2);
  });

  test('circuit-open: a fetch whose last answer is gone by then rejects with it', async () => {
    users.answers(status(503));
    const { client, clock, events } = openClient({ circuitBreaker: { minThroughput: 2, failureRatio: 1 } });
    const first = rejectionOf(client.fetch('/'));
    await events.waitFor('retry:scheduled');
    await rejectionOf(client.get('/', { retry: false }));
    await clock.advance(100);
    expect(await first).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'circuit-open' } }] });
  });

  test('no-endpoint: probes say that all others are down', async () => {
    users.answers(seen => (seen.path === '/health' ? new Response(null, { status: 500 }) : Response.error()));
    const { client } = openClient({ probe: { unhealthyThreshold: 1 } });
    const call = rejectionOf(client.get('/'));
    await client.probe();
    expect(await call).toMatchObject({
      code: 'ERR_NETWORK',
      attempts: [{ retry: { refused: 'no-endpoint' } }],
    });
  });
});

describe('the caller’s abort', () => {
  test('during an attempt ends the call with the reason, and nothing is resent', async () => {
    users.answers(silent);
    const { client } = openClient();
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    await users.received();
    controller.abort('enough');
    expect(await call).toBe('enough');
    expect(users.requests).toHaveLength(1);
  });

  test('during the wait ends it at once', async () => {
    users.answers(broken);
    const { client, events } = openClient();
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    await events.waitFor('retry:scheduled');
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await call).toBe(reason);
    expect(users.requests).toHaveLength(1);
    expect(events.of('call:end')).toMatchObject([{ outcome: 'aborted' }]);
  });
});
