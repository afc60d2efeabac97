import { describe, expect, test } from 'vitest';
import { CircuitOpenError, type ServiceClient } from '../../src/index.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, held, json, mockServices, silent, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users, second] = mockServices('http://users.test', 'http://second.test');

const OPEN_MS = 5000;
const touchy = {
  retry: false,
  circuitBreaker: { minThroughput: 2, failureRatio: 1, openMs: OPEN_MS, maxOpenMs: 60_000 },
} as const;

const circuitOf = (client: ServiceClient) => client.health().endpoints[0]?.circuit;

/** Opens the circuit and lets its open time pass. */
async function halfOpen(client: ServiceClient, clock: ManualClock): Promise<void> {
  users.answers(status(500));
  await rejectionOf(client.get('/'));
  await rejectionOf(client.get('/'));
  expect(circuitOf(client)).toBe('open');
  await clock.advance(OPEN_MS);
}

describe('opening', () => {
  test('happens at failureRatio of the completed attempts, from minThroughput on', async () => {
    users.answers(status(200), status(500), status(500), status(500));
    const { client } = openClient({ retry: false, circuitBreaker: { minThroughput: 4, failureRatio: 0.75 } });
    for (let call = 0; call < 3; call++) await client.safe.get('/');
    expect(circuitOf(client)).toBe('closed');
    await client.safe.get('/');
    expect(circuitOf(client)).toBe('open');
  });

  test('refuses further calls at once, saying when to come back', async () => {
    users.answers(broken);
    const { client, clock, events } = openClient(touchy);
    await client.safe.get('/');
    await client.safe.get('/');
    await clock.advance(1000);
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({
      code: 'ERR_CIRCUIT_OPEN',
      retryAfterMs: 4000,
      endpoint: 'http://users.test',
      gatewayStatus: 503,
      attempts: [],
    });
    expect(users.requests).toHaveLength(2);
    expect(events.of('call:end').at(-1)).toMatchObject({
      outcome: 'failure',
      code: 'ERR_CIRCUIT_OPEN',
      attempts: [],
    });
  });

  test('tells so, once', async () => {
    users.answers(status(500));
    const { client, events } = openClient(touchy);
    for (let call = 0; call < 4; call++) await client.safe.get('/');
    expect(events.of('circuit:open')).toMatchObject([
      { endpoint: 'http://users.test', retryAfterMs: OPEN_MS, reason: expect.stringContaining('2 of 2') },
    ]);
    expect(events.of('endpoint:unavailable')).toMatchObject([{ endpoint: 'http://users.test' }]);
  });

  test('leaves the other endpoints alone', async () => {
    users.answers(status(500));
    const { client } = openClient({
      ...touchy,
      endpoints: ['http://users.test', 'http://second.test'],
      loadBalancing: { strategy: 'round-robin' },
    });
    for (let call = 0; call < 4; call++) await client.safe.get('/');
    expect(client.health()).toMatchObject({
      status: 'degraded',
      endpoints: [
        { circuit: 'open', status: 'down' },
        { circuit: 'closed', status: 'up' },
      ],
    });
    for (let call = 0; call < 4; call++) await client.get('/');
    expect([users.requests.length, second.requests.length]).toEqual([2, 6]);
  });
});

describe('what counts', () => {
  test.each([
    ['a 500', status(500)],
    ['a 503', status(503)],
    ['a broken connection', broken],
  ])('%s is a failure', async (_, answer) => {
    users.answers(answer);
    const { client } = openClient(touchy);
    await client.safe.get('/');
    await client.safe.get('/');
    expect(circuitOf(client)).toBe('open');
  });

  test.each([
    ['a 404', status(404)],
    ['a 429', status(429)],
    ['a 501', status(501)],
    ['a body that does not parse', text('{', 'application/json')],
    ['a body too large', json('x'.repeat(100))],
  ])('%s is none', async (_, answer) => {
    users.answers(answer);
    const { client } = openClient({ ...touchy, limits: { maxResponseBytes: 50 } });
    for (let call = 0; call < 5; call++) await client.safe.get('/');
    expect(circuitOf(client)).toBe('closed');
  });

  test('a timeout is a failure', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ ...touchy, timeout: { connectMs: false } });
    const calls = [client.safe.get('/'), client.safe.get('/')];
    await users.received(2);
    await clock.advance(8000);
    await Promise.all(calls);
    expect(circuitOf(client)).toBe('open');
  });

  test('a caller’s abort changes nothing', async () => {
    users.answers(silent);
    const { client } = openClient(touchy);
    const controller = new AbortController();
    const calls = [1, 2, 3].map(() => client.safe.get('/', { signal: controller.signal }));
    await users.received(3);
    controller.abort();
    await Promise.all(calls);
    expect(circuitOf(client)).toBe('closed');
  });

  test('neutral ones do not dilute the ratio', async () => {
    users.answers(status(429), status(429), status(429), status(500), status(500));
    const { client } = openClient(touchy);
    for (let call = 0; call < 5; call++) await client.safe.get('/');
    expect(circuitOf(client)).toBe('open');
  });
});

describe('half-open', () => {
  test('one of a hundred callers is let through, the others fail at once', async () => {
    const { client, clock, events } = openClient(touchy);
    await halfOpen(client, clock);
    const trial = held(json({}));
    users.answers(trial.answer);
    const before = users.requests.length;
    const calls = Array.from({ length: 100 }, () => client.safe.get('/'));
    await users.received(before + 1);
    trial.release();
    const results = await Promise.all(calls);
    expect(users.requests).toHaveLength(before + 1);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    for (const result of results) {
      if (!result.ok)
        expect(result.error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: expect.any(Number) });
    }
    expect(events.of('circuit:half-open')).toHaveLength(1);
  });

  test('a trial that succeeds closes it, with an empty window', async () => {
    const { client, clock, events } = openClient(touchy);
    await halfOpen(client, clock);
    users.answers(json({}), status(500));
    await client.get('/');
    expect(circuitOf(client)).toBe('closed');
    await client.safe.get('/');
    expect(circuitOf(client)).toBe('closed');
    expect(events.names.filter(name => name.startsWith('circuit:'))).toEqual([
      'circuit:open',
      'circuit:half-open',
      'circuit:close',
    ]);
    expect(events.of('endpoint:available')).toHaveLength(1);
  });

  test('a trial that fails opens it again, for longer', async () => {
    const { client, clock, events } = openClient({ ...touchy, random: () => 0.5 });
    await halfOpen(client, clock);
    await client.safe.get('/');
    expect(events.of('circuit:open').map(({ retryAfterMs }) => retryAfterMs)).toEqual([OPEN_MS, 2 * OPEN_MS]);
    await clock.advance(2 * OPEN_MS - 1);
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: 1 });
  });

  test.each([
    ['429', status(429)],
    ['the caller’s abort', silent],
  ])('a trial that ends in %s frees the slot for the next', async (_, answer) => {
    const { client, clock } = openClient(touchy);
    await halfOpen(client, clock);
    users.answers(answer, json({}));
    const before = users.requests.length;
    const controller = new AbortController();
    const trial = client.safe.get('/', { signal: controller.signal });
    await users.received(before + 1);
    if (answer === silent) controller.abort();
    await trial;
    expect(circuitOf(client)).toBe('half-open');
    expect(await client.safe.get('/')).toMatchObject({ ok: true });
    expect(circuitOf(client)).toBe('closed');
  });

  test('a late result of an attempt begun before decides nothing', async () => {
    const late = held(json({}));
    const trial = held(status(500));
    users.answers(late.answer, status(500), status(500), trial.answer);
    const noLimits = { attemptMs: false, totalMs: false, connectMs: false } as const;
    const { client, clock } = openClient({ ...touchy, timeout: noLimits });
    const early = client.get('/');
    await users.received(1);
    await client.safe.get('/');
    await client.safe.get('/');
    await clock.advance(OPEN_MS);
    const tried = client.safe.get('/');
    await users.received(4);
    late.release();
    await early;
    expect(circuitOf(client)).toBe('half-open');
    trial.release();
    await tried;
    expect(circuitOf(client)).toBe('open');
  });
});

test('circuitBreaker: false never opens', async () => {
  users.answers(status(500));
  const { client } = openClient({ ...touchy, circuitBreaker: false });
  for (let call = 0; call < 30; call++) await client.safe.get('/');
  expect(users.requests).toHaveLength(30);
  expect(circuitOf(client)).toBe('disabled');
});

test('our own stalled event loop is no verdict on the endpoint', async () => {
  users.answers(silent);
  const { client, clock } = openClient({ ...touchy, timeout: { connectMs: false } });
  const calls = [client.safe.get('/'), client.safe.get('/')];
  await users.received(2);
  await clock.stall(20_000);
  await clock.advance(1000);
  for (const result of await Promise.all(calls))
    expect(result).toMatchObject({ error: { code: 'ERR_TIMEOUT' } });
  expect(circuitOf(client)).toBe('closed');
});
