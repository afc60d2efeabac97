import { describe, expect, test } from 'vitest';
import { OverloadedError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { held, json, mockServices, silent, status } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

describe('the bulkhead', () => {
  test('refuses at once what is beyond its limits', async () => {
    const answer = held(json({}));
    users.answers(answer.answer);
    const { client, events } = openClient({ bulkhead: { maxConcurrent: 1 }, timeout: { connectMs: false } });
    const first = client.get('/');
    await users.received();
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(OverloadedError);
    expect(error).toMatchObject({
      code: 'ERR_OVERLOADED',
      maxConcurrent: 1,
      maxQueued: 0,
      gatewayStatus: 503,
      attempts: [],
    });
    answer.release();
    await first;
    expect(await client.get('/')).toMatchObject({ status: 200 });
    expect(events.of('bulkhead:rejected')).toMatchObject([{ inFlight: 1, queued: 0, method: 'GET' }]);
    expect(users.requests).toHaveLength(2);
  });

  test('lets calls wait for their turn, in order, and tells so', async () => {
    const answer = held(json({}));
    users.answers(answer.answer);
    const { client, events } = openClient({
      bulkhead: { maxConcurrent: 1, maxQueued: 2 },
      timeout: { connectMs: false },
    });
    const calls = ['/1', '/2', '/3'].map(path => client.get(path));
    await users.received();
    expect(await rejectionOf(client.get('/4'))).toMatchObject({ code: 'ERR_OVERLOADED' });
    expect(events.of('bulkhead:queued').map(({ queued }) => queued)).toEqual([1, 2]);
    answer.release();
    await Promise.all(calls);
    expect(users.requests.map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
  });

  test('counts the waiting toward the total time', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ bulkhead: { maxConcurrent: 1, maxQueued: 1 }, retry: false });
    const controller = new AbortController();
    const first = client.safe.get('/', { signal: controller.signal, timeout: { totalMs: false } });
    await users.received();
    const queued = rejectionOf(client.get('/', { timeout: { totalMs: 500 } }));
    await clock.advance(500);
    expect(await queued).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total', attempts: [] });
    controller.abort();
    await first;
    expect(users.requests).toHaveLength(1);
  });

  test('is left by a call that is aborted in the queue', async () => {
    const answer = held(json({}));
    users.answers(answer.answer);
    const { client } = openClient({
      bulkhead: { maxConcurrent: 1, maxQueued: 1 },
      timeout: { connectMs: false },
    });
    const first = client.get('/');
    await users.received();
    const controller = new AbortController();
    const queued = rejectionOf(client.get('/', { signal: controller.signal }));
    controller.abort('enough');
    expect(await queued).toBe('enough');
    const third = client.get('/third');
    answer.release();
    await Promise.all([first, third]);
    expect(users.requests.map(({ path }) => path)).toEqual(['/', '/third']);
  });

  test('is held through the wait for a resend', async () => {
    users.answers(status(503), json({}));
    const { client, clock, events } = openClient({ bulkhead: { maxConcurrent: 1 } });
    const call = client.get('/');
    await events.waitFor('retry:scheduled');
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_OVERLOADED' });
    await clock.advance(100);
    await call;
  });

  test('is left by a call that fails or is aborted', async () => {
    users.answers(status(500), silent, json({}));
    const { client } = openClient({ bulkhead: { maxConcurrent: 1 }, retry: false });
    await rejectionOf(client.get('/'));
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    await users.received(2);
    controller.abort();
    await call;
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });

  test('is no verdict on the endpoint', async () => {
    const answer = held(json({}));
    users.answers(answer.answer);
    const { client } = openClient({
      bulkhead: { maxConcurrent: 1 },
      circuitBreaker: { minThroughput: 1, failureRatio: 0.01 },
      timeout: { connectMs: false },
    });
    const first = client.get('/');
    await users.received();
    for (let call = 0; call < 5; call++) await rejectionOf(client.get('/'));
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
    answer.release();
    await first;
  });

  test('false switches it off', async () => {
    const answer = held(json({}));
    users.answers(answer.answer);
    const { client } = openClient({ bulkhead: false, timeout: { connectMs: false } });
    const calls = Array.from({ length: 20 }, () => client.get('/'));
    await users.received(20);
    answer.release();
    await Promise.all(calls);
  });
});

describe('a stream holds its slot', () => {
  const single = { bulkhead: { maxConcurrent: 1 } };

  test('until its body has been read', async () => {
    const { client } = openClient(single);
    const { body, completed } = await client.stream('GET', '/');
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_OVERLOADED' });
    body.resume();
    await completed;
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });

  test('until its reader gives it up', async () => {
    const { client } = openClient(single);
    const { body, completed } = await client.stream('GET', '/');
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_OVERLOADED' });
    body.destroy();
    await completed;
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });

  test('but not after a failing status', async () => {
    users.answers(status(404), json({}));
    const { client } = openClient(single);
    await rejectionOf(client.stream('GET', '/'));
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });
});
