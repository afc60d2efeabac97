import { describe, expect, test } from 'vitest';
import { StatusError } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

const VERBS = ['get', 'head', 'options', 'delete', 'post', 'put', 'patch'] as const;

describe('each verb', () => {
  test.each(VERBS)('%s sends its method and resolves with the answer', async verb => {
    const { client } = openClient();
    const response = await client[verb]('/things');
    expect(users.requests.map(({ method, path }) => [method, path])).toEqual([
      [verb.toUpperCase(), '/things'],
    ]);
    expect(response).toMatchObject({ ok: true, status: 200 });
  });

  test.each(VERBS)('safe.%s does the same', async verb => {
    const { client } = openClient();
    const result = await client.safe[verb]('/things');
    expect(users.requests.map(({ method }) => method)).toEqual([verb.toUpperCase()]);
    expect(result).toMatchObject({ ok: true, status: 200 });
  });

  test('request sends any method, in upper case', async () => {
    const { client } = openClient();
    await client.request('query', '/things', { json: { text: 'lamp' } });
    expect(users.requests).toMatchObject([{ method: 'QUERY', body: '{"text":"lamp"}' }]);
  });

  test.each(VERBS)('%s takes a path without a leading slash', async verb => {
    const { client } = openClient({ baseUrl: 'http://users.test/api/v2/' });
    await client[verb]('things');
    expect(users.requests).toMatchObject([{ path: '/api/v2/things' }]);
  });
});

describe('the response', () => {
  test('says what it is, where it came from and how it was got', async () => {
    users.answers(json({ id: 7 }, { headers: { 'X-Version': '3', 'set-cookie': 'a=1' } }));
    const { client } = openClient({ baseUrl: 'http://users.test/api' });
    const response = await client.get('/users/{id}', { params: { id: 7 }, query: { full: true } });
    expect(response).toEqual({
      ok: true,
      status: 200,
      headers: expect.objectContaining({ 'x-version': '3', 'set-cookie': ['a=1'] }),
      data: { id: 7 },
      url: 'http://users.test/api/users/7?full=true',
      endpoint: 'http://users.test/api',
      service: 'users',
      attempts: [
        { number: 1, endpoint: 'http://users.test/api', durationMs: 0, outcome: 'response', status: 200 },
      ],
      durationMs: 0,
      fromFallback: false,
    });
  });

  test('counts the whole call in durationMs, waits included', async () => {
    users.answers(status(503), json({}));
    const { client, clock, events } = openClient();
    const call = client.get('/');
    await events.waitFor('retry:scheduled');
    await clock.advance(100);
    expect(await call).toMatchObject({ durationMs: 100, attempts: [{ number: 1 }, { number: 2 }] });
  });

  test('of HEAD has headers and no data', async () => {
    users.answers(() => new Response(null, { headers: { 'content-length': '1234', etag: '"a"' } }));
    const { client } = openClient();
    const response = await client.head('/file');
    expect(response.data).toBeUndefined();
    expect(response.headers).toMatchObject({ 'content-length': '1234', etag: '"a"' });
  });

  test.each([204, 304])('of a %d has no data', async code => {
    users.answers(status(code));
    const { client } = openClient();
    expect(await client.get('/')).toMatchObject({ ok: true, status: code, data: undefined });
  });

  test('is handed back for a redirect', async () => {
    users.answers(status(302, { location: 'http://users.test/other' }));
    const { client } = openClient();
    const response = await client.get('/');
    expect(response).toMatchObject({ status: 302, headers: { location: 'http://users.test/other' } });
    expect(users.requests).toHaveLength(1);
  });
});

describe('a failing status', () => {
  test.each([400, 404, 418, 500, 503, 599])('%d rejects with a StatusError', async code => {
    users.answers(json({ error: 'no' }, { status: code, headers: { 'x-trace': 't1' } }));
    const { client } = openClient({ retry: false });
    const error = await rejectionOf(client.get('/'));
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({
      code: 'ERR_STATUS',
      status: code,
      data: { error: 'no' },
      headers: { 'x-trace': 't1' },
      endpoint: 'http://users.test',
      attempts: [{ number: 1, outcome: 'response', status: code, code: 'ERR_STATUS' }],
    });
  });

  test('gives problem details, and at most maxErrorBodyBytes of the body', async () => {
    users.answers(
      text('{"type":"about:blank","title":"Nope"}', 'application/problem+json', { status: 409 }),
      text('x'.repeat(1000), 'text/plain', { status: 400 }),
    );
    const { client } = openClient({ limits: { maxErrorBodyBytes: 100 } });
    expect(await rejectionOf(client.get('/'))).toMatchObject({ problem: { title: 'Nope' } });
    expect(await rejectionOf(client.get('/'))).toMatchObject({ data: 'x'.repeat(100) });
  });

  test('whose body does not parse is still a StatusError', async () => {
    users.answers(text('<html>', 'application/json', { status: 502 }));
    const { client } = openClient({ retry: false });
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_STATUS', data: '<html>' });
  });

  test('says in its message what failed, where, after how much', async () => {
    users.answers(status(503));
    const { client, clock, events } = openClient({ retry: { maxAttempts: 3 } });
    const call = rejectionOf(client.get('/secret-path?token=1'));
    await events.waitFor('retry:scheduled');
    await clock.advance(100);
    await events.waitFor('retry:scheduled', 2);
    await clock.advance(200);
    expect(((await call) as Error).message).toBe(
      'users: 3 attempts failed in 300 ms, last: 503 from http://users.test',
    );
  });
});
