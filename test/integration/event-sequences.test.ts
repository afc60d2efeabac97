import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test, vi } from 'vitest';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, json, mockServices, silent, status } from './mocked-services.ts';
import { openClient, openSkippingClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

describe('the events of a call, in order:', () => {
  test('a success', async () => {
    const { client, events } = openClient();
    await client.get('/');
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'call:end']);
  });

  test('a retry', async () => {
    users.answers(status(503), broken, json({}));
    const { client, events } = openSkippingClient();
    await client.get('/');
    expect(events.names).toEqual([
      'call:start',
      'attempt:start',
      'attempt:end',
      'retry:scheduled',
      'attempt:start',
      'attempt:end',
      'retry:scheduled',
      'attempt:start',
      'attempt:end',
      'call:end',
    ]);
  });

  test('a failure', async () => {
    users.answers(status(404));
    const { client, events } = openClient();
    await rejectionOf(client.get('/'));
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'retry:refused', 'call:end']);
  });

  test('an abort', async () => {
    users.answers(silent);
    const { client, events } = openClient();
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    await users.received();
    controller.abort();
    await call;
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'call:end']);
    expect(events.of('attempt:end')).toMatchObject([{ outcome: 'aborted' }]);
    expect(events.of('call:end')).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('an abort before it began', async () => {
    const { client, events } = openClient();
    await rejectionOf(client.get('/', { signal: AbortSignal.abort() }));
    expect(events.names).toEqual(['call:start', 'call:end']);
  });

  test('the end of its time', async () => {
    users.answers(silent);
    const { client, clock, events } = openClient();
    const call = rejectionOf(client.get('/', { timeout: { totalMs: 50 } }));
    await users.received();
    await clock.advance(50);
    await call;
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'retry:refused', 'call:end']);
    expect(events.of('retry:refused')).toMatchObject([{ attempt: 1, refused: 'deadline-too-near' }]);
    expect(events.of('call:end')).toMatchObject([
      { outcome: 'failure', code: 'ERR_TIMEOUT', durationMs: 50 },
    ]);
  });

  test('a stream', async () => {
    const { client, events } = openClient();
    const { body, completed } = await client.stream('GET', '/');
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'call:end']);
    body.resume();
    await completed;
    expect(events.names.slice(4)).toEqual(['stream:end']);
  });

  test('a circuit that opens', async () => {
    users.answers(status(500));
    const { client, events } = openClient({
      retry: false,
      circuitBreaker: { minThroughput: 1, failureRatio: 1 },
    });
    await rejectionOf(client.get('/'));
    await rejectionOf(client.get('/'));
    expect(events.names).toEqual([
      'call:start',
      'attempt:start',
      'circuit:open',
      'endpoint:unavailable',
      'attempt:end',
      'retry:refused',
      'call:end',
      'call:start',
      'call:end',
    ]);
  });
});

describe('the payloads', () => {
  test('say whose they are, when, of which call and attempt', async () => {
    users.answers(status(503), json({}));
    const { client, clock, events } = openSkippingClient();
    const startedAt = clock.now();
    await client.put('/users/{id}', { params: { id: 7 }, context: { jobId: 'j' }, tags: { tier: 'gold' } });
    const callId = events.of('call:start')[0]?.callId;
    const call = {
      service: 'users',
      at: startedAt,
      callId,
      method: 'PUT',
      route: '/users/{id}',
      context: { jobId: 'j' },
      tags: { tier: 'gold' },
    };
    const first = { ...call, attempt: 1, endpoint: 'http://users.test' };
    const second = { ...first, attempt: 2, at: startedAt + 100 };
    const reason = 'users: 503 from http://users.test';
    const outcome = { durationMs: 0, outcome: 'response' };
    expect(events.all.map(({ fields }) => fields)).toEqual([
      call,
      first,
      { ...first, ...outcome, status: 503, code: 'ERR_STATUS', reason },
      { ...first, delayMs: 100, source: 'backoff', reason },
      second,
      { ...second, ...outcome, status: 200 },
      {
        ...call,
        at: startedAt + 100,
        outcome: 'success',
        status: 200,
        durationMs: 100,
        attempts: [
          {
            number: 1,
            endpoint: 'http://users.test',
            ...outcome,
            status: 503,
            code: 'ERR_STATUS',
            retry: { delayMs: 100, source: 'backoff' },
          },
          { number: 2, endpoint: 'http://users.test', ...outcome, status: 200 },
        ],
      },
    ]);
  });

  test('give every call an id of its own', async () => {
    const { client, events } = openClient();
    await Promise.all(Array.from({ length: 20 }, () => client.get('/')));
    expect(new Set(events.of('call:start').map(({ callId }) => callId)).size).toBe(20);
  });

  test('never hold the raw path, a query, a header or what the upstream said', async () => {
    users.answers(
      json({ message: 'upstream-secret' }, { status: 500, headers: { 'x-a': 'header-secret' } }),
      broken,
    );
    const { client, events } = openSkippingClient({ retry: { maxAttempts: 2 } });
    await client.safe.put('/path-secret?q=query-secret', {
      headers: { authorization: 'auth-secret' },
      json: 'body-secret',
    });
    expect(events.names).toContain('retry:refused');
    expect(JSON.stringify(events.all)).not.toContain('secret');
  });

  test('tell how a refused retry was refused', async () => {
    users.answers(status(503));
    const { client, events } = openClient({ retry: { maxAttempts: 1 } });
    await rejectionOf(client.get('/'));
    expect(events.of('retry:refused')).toMatchObject([
      {
        attempt: 1,
        endpoint: 'http://users.test',
        refused: 'attempts-spent',
        reason: expect.stringContaining('503'),
      },
    ]);
  });

  test('tell how much a stream carried', async () => {
    users.answers(() => new Response('12345'));
    const { client, events } = openClient();
    const { body, completed } = await client.stream('GET', '/{id}', { params: { id: 1 } });
    body.resume();
    await completed;
    expect(events.of('stream:end')).toMatchObject([
      {
        service: 'users',
        route: '/{id}',
        attempt: 1,
        endpoint: 'http://users.test',
        bytes: 5,
        durationMs: 0,
        bytesPerSecond: expect.any(Number),
        outcome: 'success',
      },
    ]);
  });
});

describe('listeners', () => {
  test('can be taken off', async () => {
    const { client } = openClient();
    let heard = 0;
    const off = client.on('call:end', () => {
      heard++;
    });
    await client.get('/');
    off();
    await client.get('/');
    expect(heard).toBe(1);
  });

  test('that throw never break a call, and are reported once', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { client } = openClient();
    for (const name of ['call:start', 'attempt:start', 'attempt:end', 'call:end'] as const) {
      client.on(name, () => {
        throw new Error('listener broke');
      });
    }
    expect(await client.get('/')).toMatchObject({ status: 200 });
    expect(warnings).toHaveBeenCalledOnce();
    warnings.mockRestore();
  });

  test('of the diagnostics channels get the same', async () => {
    const published: unknown[] = [];
    const onEvent = (event: unknown) => published.push(event);
    subscribe('holdfast:call:end', onEvent);
    const { client, events } = openClient();
    await client.get('/');
    unsubscribe('holdfast:call:end', onEvent);
    await client.get('/');
    expect(published).toEqual([events.of('call:end')[0]]);
  });
});
