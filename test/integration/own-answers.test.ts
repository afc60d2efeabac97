import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { type CallInterceptor, ConfigurationError } from '../../src/index.ts';
import { startServer } from '../support/http-server.ts';
import { ask } from '../wire/passthrough-gateway.ts';
import { openClient } from './test-client.ts';

// A call interceptor that answers by itself knows the reply and not the call's books: what it leaves out is filled in.

const openWith = (...call: unknown[]) => openClient({ interceptors: { call: call as CallInterceptor[] } });
const HEADERS = { 'X-From': 'cache', 'Set-Cookie': 'a=b' };
const SEEN_HEADERS = { 'x-from': 'cache', 'set-cookie': ['a=b'] };

describe('an answer of an interceptor’s own', () => {
  test('needs status and data only', async () => {
    const seen: unknown[] = [];
    const { client } = openWith(
      async (request: never, next: (request: never) => Promise<unknown>) => {
        const answer = await next(request);
        seen.push(answer);
        return answer;
      },
      async () => ({ status: 200, headers: HEADERS, data: { a: 1 }, extra: 'kept', url: undefined }),
    );
    const answer = await client.get('/');
    expect(answer).toEqual({
      ok: true,
      status: 200,
      headers: SEEN_HEADERS,
      data: { a: 1 },
      url: '',
      endpoint: '',
      service: 'users',
      attempts: [],
      durationMs: 0,
      fromFallback: false,
      extra: 'kept',
    });
    expect(seen).toEqual([answer]);
    expect(await client.safe.get('/')).toMatchObject({ ok: true, data: { a: 1 } });
    const bare = openWith(async () => ({ status: 204, data: undefined })).client;
    expect(await bare.get('/')).toMatchObject({ ok: true, status: 204, headers: {}, data: undefined });
  });

  test('keeps what it does not change of the answer that it got', async () => {
    await using server = await startServer();
    const { client } = openClient({
      baseUrl: server.url,
      interceptors: {
        call: [
          (async (request: never, next: (request: never) => Promise<{ status: number }>) => {
            const { status } = await next(request);
            return { status, data: undefined };
          }) as never,
        ],
      },
    });
    const answer = await client.get('/a');
    expect(answer).toMatchObject({
      url: `${server.url}/a`,
      endpoint: server.url,
      attempts: [{ status: 200 }],
    });
    expect(answer.headers).toHaveProperty('date');
    expect(answer.data).toBeUndefined();
  });

  test('after a failure has its attempts', async () => {
    await using server = await startServer((_req, res) => res.writeHead(404).end());
    const { client } = openClient({
      baseUrl: server.url,
      interceptors: {
        call: [
          ((request: never, next: (request: never) => Promise<unknown>) =>
            next(request).catch(() => ({ status: 200, data: 'none' }))) as never,
        ],
      },
    });
    expect(await client.get('/')).toMatchObject({
      data: 'none',
      endpoint: server.url,
      attempts: [{ status: 404, retry: { refused: 'not-retryable' } }],
    });
  });

  test('that is whole is handed on as it is', async () => {
    const whole = {
      ok: true,
      status: 200,
      headers: {},
      data: 1,
      url: 'x',
      endpoint: 'y',
      service: 'z',
      attempts: [],
      durationMs: 5,
      fromFallback: false,
    };
    expect(await openWith(async () => whole).client.get('/')).toBe(whole);
  });
});

describe('a stream of an interceptor’s own', () => {
  test('is a stream response like any other', async () => {
    const { client, events } = openWith(async () => ({ status: 200, headers: HEADERS, body: 'my own' }));
    const response = await client.stream('GET', '/');
    expect(response).toMatchObject({
      status: 200,
      headers: SEEN_HEADERS,
      url: '',
      endpoint: '',
      service: 'users',
      attempts: [],
    });
    expect(await text(response.body)).toBe('my own');
    expect(await response.completed).toMatchObject({ bytes: 6, resumes: 0 });
    expect(events.names).toEqual(['call:start', 'call:end', 'stream:end']);
  });

  test('ends with the call', async () => {
    const controller = new AbortController();
    const never = () => new ReadableStream({ pull: () => new Promise(() => {}) });
    const { client } = openWith(async () => ({ status: 200, body: never() }));
    const { body, completed } = await client.stream('GET', '/', { signal: controller.signal });
    const reason = new Error('enough');
    const broken = body.toArray().catch((error: unknown) => error);
    controller.abort(reason);
    expect(await broken).toBe(reason);
    await expect(completed).rejects.toBe(reason);
  });

  test('answers a passthrough and a fetch', async () => {
    const { client } = openWith(async () => ({ status: 201, headers: HEADERS, body: 'my own' }));
    const response = await client.fetch('/');
    expect([response.status, response.headers.get('x-from'), await response.text()]).toEqual([
      201,
      'cache',
      'my own',
    ]);
    await using gateway = await startServer((req, res) => client.passthrough(req, res));
    const { status, headers, body } = await ask(gateway.port);
    expect([status, headers['x-from'], `${body}`]).toEqual([201, 'cache', 'my own']);
  });

  test('that is no body is told so', async () => {
    const { client } = openWith(async () => ({ status: 200, body: 7 }));
    await expect(client.stream('GET', '/')).rejects.toBeInstanceOf(ConfigurationError);
  });
});
