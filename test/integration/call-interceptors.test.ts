import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  type CallInterceptor,
  type CallRequest,
  ConfigurationError,
  InvalidRequestError,
  type ServiceResponse,
  type StreamResponse,
} from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, silent, status } from './mocked-services.ts';
import { openClient, openSkippingClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

const openWith = (...call: CallInterceptor[]) => openSkippingClient({ interceptors: { call } });

/** What a cache would answer with. */
const ownAnswer = (data: unknown): ServiceResponse => ({
  ok: true,
  status: 200,
  headers: {},
  data,
  url: '',
  endpoint: '',
  service: 'users',
  attempts: [],
  durationMs: 0,
  fromFallback: false,
});

describe('a call interceptor', () => {
  test('runs once per call, whatever the number of attempts, and sees the call', async () => {
    users.answers(status(503), json({}));
    const seen: CallRequest[] = [];
    const { client } = openWith((request, next) => {
      seen.push(request);
      return next(request);
    });
    await client.put('/users/{id}', {
      params: { id: 7 },
      query: { q: 1 },
      headers: { 'X-A': 'b' },
      context: { jobId: 'j' },
      tags: { tier: 'gold' },
    });
    expect(users.requests).toHaveLength(2);
    expect(seen).toMatchObject([
      {
        service: 'users',
        method: 'PUT',
        path: '/users/7?q=1',
        headers: { 'x-a': 'b' },
        kind: 'buffered',
        route: '/users/{id}',
        context: { jobId: 'j' },
        tags: { tier: 'gold' },
      },
    ]);
  });

  test('changes method, path and headers by passing a copy on', async () => {
    const { client } = openWith((request, next) =>
      next({
        ...request,
        method: 'post',
        path: '/v2/moved?a=b',
        headers: { ...request.headers, 'X-Added': '1' },
      }),
    );
    await client.get('/x', { headers: { 'x-own': '2' } });
    expect(users.requests).toMatchObject([
      { method: 'POST', path: '/v2/moved?a=b', headers: { 'x-added': '1', 'x-own': '2' } },
    ]);
  });

  test('cannot make a call resendable by changing its method', async () => {
    users.answers(status(503), json({}));
    const { client } = openWith((request, next) => next({ ...request, method: 'POST' }));
    await rejectionOf(client.get('/'));
    expect(users.requests).toHaveLength(1);
  });

  test.each([
    ['a path that leaves the base', { path: '/../admin' }],
    ['an absolute URL', { path: 'http://evil.test/' }],
    ['a method that is none', { method: 'GE T' }],
    ['a framing header', { headers: { connection: 'close' } }],
  ])('is held to the rules for callers: %s', async (_, change) => {
    const { client, events } = openWith((request, next) => next({ ...request, ...change } as CallRequest));
    expect(await rejectionOf(client.get('/'))).toBeInstanceOf(InvalidRequestError);
    expect(events.names).toEqual(['call:start', 'call:end']);
  });

  test('changes the answer', async () => {
    const { client } = openWith(async (request, next) => ({
      ...((await next(request)) as ServiceResponse),
      data: 'changed',
    }));
    expect(await client.get('/')).toMatchObject({ data: 'changed', endpoint: 'http://users.test' });
  });

  test('answers itself, and nothing is sent', async () => {
    const { client, events } = openWith(async () => ownAnswer('cached'));
    expect(await client.get('/')).toMatchObject({ data: 'cached' });
    expect(users.requests).toEqual([]);
    expect(events.names).toEqual(['call:start', 'call:end']);
  });

  test('turns a failure into an answer', async () => {
    users.answers(status(404));
    const { client } = openWith((request, next) => next(request).catch(() => ownAnswer('none')));
    expect(await client.get('/')).toMatchObject({ data: 'none' });
  });

  test('runs inside those before it', async () => {
    const order: string[] = [];
    const named =
      (name: string): CallInterceptor =>
      async (request, next) => {
        order.push(`${name} in`);
        const answer = await next(request);
        order.push(`${name} out`);
        return answer;
      };
    await openWith(named('outer'), named('inner')).client.get('/');
    expect(order).toEqual(['outer in', 'inner in', 'inner out', 'outer out']);
  });

  test('that throws fails the call with its own error, told as a failure', async () => {
    const error = new Error('mine');
    const { client, events } = openWith(() => Promise.reject(error));
    expect(await rejectionOf(client.get('/'))).toBe(error);
    expect(events.of('call:end')).toMatchObject([{ outcome: 'failure' }]);
  });

  test('that forgets to return is told so', async () => {
    const forgetful = async (...[request, next]: Parameters<CallInterceptor>) => {
      await next(request);
    };
    const { client } = openWith(forgetful as never);
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ issues: [{ path: 'interceptors.call' }] });
  });
});

describe('a call interceptor that hangs', () => {
  test('before the call is ended by the total time, and nothing is sent', async () => {
    const { client, clock } = openWith(() => new Promise(() => {}));
    const call = rejectionOf(client.get('/'));
    await clock.advance(30_000);
    expect(await call).toMatchObject({
      code: 'ERR_TIMEOUT',
      scope: 'total',
      timeoutMs: 30_000,
      attempts: [],
    });
    expect(users.requests).toEqual([]);
  });

  test('before the call is ended by the caller’s abort', async () => {
    const { client } = openWith(() => new Promise(() => {}));
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    controller.abort('enough');
    expect(await call).toBe('enough');
  });

  test('and goes on after the deadline sends nothing any more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { client, clock } = openWith(async (request, next) => {
      await promise;
      return next(request);
    });
    const call = rejectionOf(client.get('/', { timeout: { totalMs: 100 } }));
    await clock.advance(100);
    resolve();
    expect(await call).toMatchObject({ scope: 'total' });
    await clock.advance(1);
    expect(users.requests).toEqual([]);
  });

  test('after a stream was opened gives it back', async () => {
    const opened = Promise.withResolvers<void>();
    const { client, events } = openWith(async (request, next) => {
      await next(request);
      opened.resolve();
      return new Promise<StreamResponse>(() => {});
    });
    const controller = new AbortController();
    const call = rejectionOf(client.stream('GET', '/', { signal: controller.signal }));
    await opened.promise;
    controller.abort('enough');
    expect(await call).toBe('enough');
    await events.waitFor('stream:end');
  });
});

test('a stream that an interceptor comes up with after the caller left is destroyed', async () => {
  const body = Readable.from(['late']);
  const gate = Promise.withResolvers<void>();
  const { client } = openWith(async () => {
    await gate.promise;
    return { ...ownAnswer(undefined), body } as unknown as StreamResponse;
  });
  const controller = new AbortController();
  const call = rejectionOf(client.stream('GET', '/', { signal: controller.signal }));
  await Promise.resolve();
  controller.abort('enough');
  expect(await call).toBe('enough');
  gate.resolve();
  await new Promise(resolve => body.once('close', resolve));
});

describe('an attempt under way when the call ends', () => {
  test('closes its books before the call does', async () => {
    users.answers(silent);
    const { client, events } = openWith((request, next) => next(request));
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    await users.received();
    controller.abort();
    await call;
    expect(events.names).toEqual(['call:start', 'attempt:start', 'attempt:end', 'call:end']);
    expect(events.of('call:end')).toMatchObject([{ outcome: 'aborted', attempts: [{ outcome: 'aborted' }] }]);
  });
});

describe('a stream and its interceptors', () => {
  test('a body can be replaced', async () => {
    const { client } = openWith(async (request, next) => {
      const response = (await next(request)) as StreamResponse;
      response.body.resume();
      return { ...response, body: Readable.from(['mine']) };
    });
    const { body } = await client.stream('GET', '/');
    expect(await body.toArray()).toEqual(['mine']);
  });

  test('one that throws, or forgets to return, leaves no slot taken', async () => {
    const { client } = openClient({
      bulkhead: { maxConcurrent: 1 },
      interceptors: {
        call: [
          async (request, next) => {
            const answer = await next(request);
            if (request.path === '/throw') throw new Error('mine');
            return request.path === '/forget' ? (undefined as never) : answer;
          },
        ],
      },
    });
    await expect(client.stream('GET', '/throw')).rejects.toThrow('mine');
    await expect(client.stream('GET', '/forget')).rejects.toBeInstanceOf(ConfigurationError);
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });
});
