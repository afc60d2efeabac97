import { describe, expect, test } from 'vitest';
import {
  type AttemptInterceptor,
  type AttemptRequest,
  ConfigurationError,
  InvalidRequestError,
  type ServiceClientOverrides,
} from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, silent, status } from './mocked-services.ts';
import { openSkippingClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

const openWith = (attempt: AttemptInterceptor, options: ServiceClientOverrides = {}) =>
  openSkippingClient({ ...options, interceptors: { attempt: [attempt] } });

const bytes = (text: string) => new TextEncoder().encode(text);
const touchy = { retry: false, circuitBreaker: { minThroughput: 1, failureRatio: 0.01 } } as const;

describe('an attempt interceptor', () => {
  test('runs once per attempt, and sees what goes out', async () => {
    users.answers(status(503), json({}));
    const seen: AttemptRequest[] = [];
    const { client } = openWith(
      (request, next) => {
        seen.push(request);
        expect(request.signal).toBeInstanceOf(AbortSignal);
        return next(request);
      },
      { baseUrl: 'http://users.test/api', auth: () => 'Bearer t' },
    );
    await client.get('/x?y=1', { context: { requestId: 'r1' } });
    const same = {
      method: 'GET',
      url: 'http://users.test/api/x?y=1',
      endpoint: 'http://users.test/api',
      headers: { authorization: 'Bearer t', 'x-request-id': 'r1' },
    };
    expect(seen).toMatchObject([
      { ...same, attempt: 1 },
      { ...same, attempt: 2 },
    ]);
  });

  test('signs a request by passing a copy on', async () => {
    const { client } = openWith((request, next) =>
      next({ ...request, headers: { ...request.headers, 'X-Signature': 's' } }),
    );
    await client.post('/', { json: 1 });
    expect(users.requests).toMatchObject([{ method: 'POST', body: '1', headers: { 'x-signature': 's' } }]);
  });

  test('may send it elsewhere on the same origin, and nowhere else', async () => {
    const { client } = openWith((request, next) =>
      next({
        ...request,
        url: request.url.endsWith('/evil') ? 'http://evil.test/' : `${request.url}?signed=1`,
      }),
    );
    await client.get('/x');
    expect(users.requests).toMatchObject([{ path: '/x?signed=1' }]);
    expect(await rejectionOf(client.get('/evil'))).toBeInstanceOf(InvalidRequestError);
    expect(users.requests).toHaveLength(1);
  });

  test('sees the whole body of a buffered call, and changes the reply', async () => {
    users.answers(json({ a: 1 }));
    const { client } = openWith(async (request, next) => {
      const reply = await next(request);
      expect(Buffer.from(reply.bytes ?? []).toString()).toBe('{"a":1}');
      return { ...reply, headers: { ...reply.headers, 'x-seen': '1' }, bytes: bytes('{"a":2}') };
    });
    expect(await client.get('/')).toMatchObject({ data: { a: 2 }, headers: { 'x-seen': '1' } });
  });

  test('answers itself: with bytes as the body, or none', async () => {
    const own = { status: 200, headers: { 'content-type': 'application/json' }, bytes: bytes('[1]') };
    const { client } = openWith(async ({ url }) =>
      url.endsWith('/empty') ? { status: 204, headers: {} } : own,
    );
    expect(await client.get('/')).toMatchObject({ data: [1], attempts: [{ status: 200 }] });
    expect(await client.get('/empty')).toMatchObject({ status: 204, data: undefined });
    expect(users.requests).toEqual([]);
  });

  test('answers a stream itself, or changes its body', async () => {
    users.answers(json('upstream'));
    const { client } = openWith(async (request, next) =>
      request.url.endsWith('/own')
        ? { status: 200, headers: {}, bytes: bytes('mine') }
        : { ...(await next(request)), bytes: bytes('changed') },
    );
    for (const [path, content] of [
      ['/own', 'mine'],
      ['/', 'changed'],
    ] as const) {
      const { body, completed } = await client.stream('GET', path);
      expect(Buffer.concat(await body.toArray()).toString()).toBe(content);
      expect(await completed).toMatchObject({ bytes: content.length });
    }
  });

  test('answers a fetch itself', async () => {
    const { client } = openWith(async () => ({ status: 418, headers: {}, bytes: bytes('teapot') }));
    const response = await client.fetch('/');
    expect([response.status, await response.text()]).toEqual([418, 'teapot']);
  });

  test('whose own answer is a failing status is treated like the upstream’s', async () => {
    let sent = 0;
    const { client } = openWith(async () => ({ status: ++sent === 1 ? 503 : 200, headers: {} }));
    expect((await client.get('/')).attempts).toMatchObject([{ status: 503 }, { status: 200 }]);
  });

  test('may ask twice: the first reply is given back', async () => {
    users.answers(status(500), json('second'));
    const { client } = openWith(async (request, next) => {
      const reply = await next(request);
      return reply.status === 500 ? next(request) : reply;
    });
    expect(await client.get('/')).toMatchObject({ data: 'second', attempts: [{ number: 1 }] });
    expect(users.requests).toHaveLength(2);
  });

  test('that throws fails the call with its own error, resends nothing and is neutral', async () => {
    const error = new TypeError('mine');
    const { client, events } = openWith(() => Promise.reject(error), { ...touchy, retry: {} });
    expect(await rejectionOf(client.get('/'))).toBe(error);
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed', inFlight: 0 }]);
    expect(events.of('call:end')).toMatchObject([
      { outcome: 'failure', attempts: [{ outcome: 'error', retry: { refused: 'not-retryable' } }] },
    ]);
  });

  test('that forgets to return is told so', async () => {
    const forgetful = async (...[request, next]: Parameters<AttemptInterceptor>) => {
      await next(request);
    };
    const { client } = openWith(forgetful as never);
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ issues: [{ path: 'interceptors.attempt' }] });
  });
});

describe('an attempt interceptor that hangs', () => {
  test('before sending is ended by the total time, with slot and trial free', async () => {
    let hang = false;
    const { client, clock } = openWith((request, next) => (hang ? new Promise(() => {}) : next(request)), {
      ...touchy,
      bulkhead: { maxConcurrent: 1 },
    });
    users.answers(status(500));
    await rejectionOf(client.get('/'));
    await clock.advance(5000);
    hang = true;
    const trial = rejectionOf(client.get('/'));
    await clock.advance(30_000);
    expect(await trial).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
    expect(client.health().endpoints).toMatchObject([{ circuit: 'half-open', inFlight: 0 }]);
    hang = false;
    users.answers(json({}));
    expect(await client.get('/')).toMatchObject({ status: 200 });
    expect(client.health().endpoints).toMatchObject([{ circuit: 'closed' }]);
  });

  test('after the answer is ended by the attempt’s time', async () => {
    const { client, clock } = openWith(
      async (request, next) => {
        await next(request);
        return new Promise<never>(() => {});
      },
      { retry: false, timeout: { connectMs: false } },
    );
    const call = rejectionOf(client.get('/'));
    await users.received();
    while (clock.pending < 2) await clock.advance(0);
    await clock.advance(8000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt' });
  });

  test('is ended by the caller’s abort, and its signal tells', async () => {
    const asked = Promise.withResolvers<AbortSignal | undefined>();
    const { client } = openWith(request => {
      asked.resolve(request.signal);
      return new Promise(() => {});
    });
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    const signal = await asked.promise;
    controller.abort('enough');
    expect(await call).toBe('enough');
    expect(signal?.reason).toBe('enough');
  });

  test('and gives up by itself ends the request that it left under way', async () => {
    users.answers(silent);
    const gaveUp = new Error('too slow for me');
    const { client, clock } = openWith(
      async (request, next) => {
        const sent = next(request);
        await users.received();
        void sent;
        throw gaveUp;
      },
      { retry: false },
    );
    expect(await rejectionOf(client.get('/'))).toBe(gaveUp);
    expect(clock.pending).toBe(0);
    expect(client.health().endpoints).toMatchObject([{ inFlight: 0 }]);
  });
});
