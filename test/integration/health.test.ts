import { describe, expect, test } from 'vitest';
import { UnhealthyError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { held, json, mockServices, status } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users, second] = mockServices('http://users.test', 'http://second.test');
const both = { endpoints: ['http://users.test', 'http://second.test'], retry: false } as const;

describe('health() without probes', () => {
  test('is unknown until traffic tells, and sends nothing', async () => {
    const { client } = openClient(both);
    expect(client.health()).toEqual({
      service: 'users',
      status: 'unknown',
      endpoints: [
        { url: 'http://users.test', status: 'unknown', circuit: 'closed', inFlight: 0 },
        { url: 'http://second.test', status: 'unknown', circuit: 'closed', inFlight: 0 },
      ],
    });
    expect(users.requests).toEqual([]);
  });

  test.each([200, 302, 404])('is up after a %d', async code => {
    users.answers(status(code));
    const { client } = openClient({ retry: false });
    await client.safe.get('/');
    expect(client.health()).toMatchObject({ status: 'up', endpoints: [{ status: 'up', latencyMs: 0 }] });
  });

  test.each([429, 500])('stays unknown after a %d', async code => {
    users.answers(status(code));
    const { client } = openClient({ retry: false });
    await client.safe.get('/');
    expect(client.health()).toMatchObject({ status: 'unknown', endpoints: [{ status: 'unknown' }] });
  });

  test('counts the attempts in flight and tells the latency of the last answer', async () => {
    const answer = held(json({}));
    users.answers(answer.answer);
    const { client, clock } = openClient({ timeout: { connectMs: false } });
    const calls = [client.get('/'), client.get('/')];
    await users.received(2);
    expect(client.health()).toMatchObject({ endpoints: [{ inFlight: 2 }] });
    await clock.advance(40);
    answer.release();
    await Promise.all(calls);
    expect(client.health()).toMatchObject({ endpoints: [{ inFlight: 0, latencyMs: 40 }] });
  });

  test('a 404 that comes fast is no penalty, unlike a failure', async () => {
    users.answers(status(404), status(500));
    const { client } = openClient({ retry: false });
    await client.safe.get('/');
    expect(client.health()).toMatchObject({ endpoints: [{ latencyMs: 0 }] });
    await client.safe.get('/');
    expect(client.health().endpoints[0]?.latencyMs).toBeGreaterThan(0);
  });
});

describe('probe()', () => {
  test('asks /health of every endpoint with the client’s headers and auth', async () => {
    const { client, clock } = openClient({
      ...both,
      headers: { 'x-tenant': 't' },
      auth: () => 'Bearer token',
    });
    const report = await client.probe();
    for (const { requests } of [users, second]) {
      expect(requests).toMatchObject([
        { method: 'GET', path: '/health', headers: { 'x-tenant': 't', authorization: 'Bearer token' } },
      ]);
    }
    const lastProbe = { at: clock.now(), ok: true, durationMs: 0, status: 200 };
    expect(report).toMatchObject({
      service: 'users',
      status: 'up',
      endpoints: [
        { status: 'up', lastProbe },
        { status: 'up', lastProbe },
      ],
    });
  });

  test('changes nothing while probing is off', async () => {
    users.answers(status(500));
    const { client } = openClient({ retry: false });
    expect(await client.probe()).toMatchObject({
      status: 'down',
      endpoints: [{ lastProbe: { ok: false, status: 500 } }],
    });
    expect(client.health()).toMatchObject({ status: 'unknown' });
    users.answers(json({}));
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });

  test('counts toward the thresholds while it is on', async () => {
    users.answers(status(500), status(500), json({}), json({}));
    const { client } = openClient({
      retry: false,
      probe: { path: '/ping', unhealthyThreshold: 2, healthyThreshold: 2 },
    });
    await client.probe();
    expect(client.health()).toMatchObject({ status: 'unknown' });
    await client.probe();
    expect(client.health()).toMatchObject({ status: 'down' });
    await client.probe();
    expect(client.health()).toMatchObject({ status: 'down' });
    await client.probe();
    expect(client.health()).toMatchObject({ status: 'up' });
    expect(users.requests.map(({ path }) => path)).toEqual(Array(4).fill('/ping'));
  });

  test('leaves the state as it is at a 404, and warns once', async () => {
    users.answers(status(404));
    const { client, events } = openClient({ probe: { unhealthyThreshold: 1 } });
    await client.probe();
    await client.probe();
    expect(client.health()).toMatchObject({ status: 'unknown' });
    expect(events.of('probe:failure')).toMatchObject([{ status: 404, endpoint: 'http://users.test' }]);
  });

  test('is refused once the client is closed', async () => {
    const { client } = openClient();
    await client.close();
    await expect(client.probe()).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
  });
});

describe('background probes', () => {
  test('run every interval, without keeping the process alive, and tell what they find', async () => {
    const { client, clock, events } = openClient({ probe: { intervalMs: 1000 }, random: () => 0 });
    expect(clock.timers).toMatchObject([{ dueInMs: 0, unreferenced: true }]);
    await clock.advance(0);
    await users.received(1);
    await events.waitFor('probe:success', 1);
    await clock.advance(1000);
    await users.received(2);
    await events.waitFor('probe:success', 2);
    expect(events.of('probe:success')).toMatchObject([
      { endpoint: 'http://users.test', status: 200, reason: 'answered 200' },
      { at: clock.now() },
    ]);
    expect(client.health()).toMatchObject({ status: 'up' });
  });
});

describe('an endpoint that probes call down', () => {
  const probing = { probe: { unhealthyThreshold: 1 }, retry: false } as const;
  const downHealth = (seen: { path: string }) =>
    new Response(null, { status: seen.path === '/health' ? 500 : 200 });

  test('gets no calls while there is another', async () => {
    users.answers(downHealth);
    const { client, events } = openClient({ ...both, ...probing });
    await client.probe();
    for (let call = 0; call < 5; call++) await client.get('/');
    expect([users.requests.length, second.requests.length]).toEqual([1, 6]);
    expect(client.health()).toMatchObject({ status: 'degraded' });
    expect(events.of('endpoint:unavailable')).toMatchObject([{ endpoint: 'http://users.test' }]);
  });

  test('is an UnhealthyError at once when there is none', async () => {
    users.answers(downHealth);
    const { client } = openClient(probing);
    await client.probe();
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(UnhealthyError);
    expect(error).toMatchObject({
      code: 'ERR_UNHEALTHY',
      endpoints: ['http://users.test'],
      gatewayStatus: 503,
      attempts: [],
    });
    expect(users.requests).toHaveLength(1);
  });

  test('is asked anyway with failFast: false', async () => {
    users.answers(downHealth);
    const { client } = openClient({ ...probing, probe: { ...probing.probe, failFast: false } });
    await client.probe();
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });
});
