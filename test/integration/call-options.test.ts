import { describe, expect, test } from 'vitest';
import { type CallOptions, InvalidRequestError, type StreamOptions } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, silent, status } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');

describe('params and query', () => {
  test('encode each value as one segment and append to the query of the path', async () => {
    const { client } = openClient();
    await client.get('/u/{id}/f/{name}?x=1', {
      params: { id: 'a/b', name: 'ä ?' },
      query: { tag: ['p', 'q'], n: 2, gone: undefined },
    });
    expect(users.requests).toMatchObject([{ path: '/u/a%2Fb/f/%C3%A4%20%3F?x=1&tag=p&tag=q&n=2' }]);
  });

  test.each(['', '.', '..'])('refuse the segment "%s"', async id => {
    const { client } = openClient();
    await expect(client.get('/u/{id}', { params: { id } })).rejects.toBeInstanceOf(InvalidRequestError);
    expect(users.requests).toEqual([]);
  });

  test('never fill a placeholder in a query', async () => {
    const { client } = openClient();
    await client.get('/u/{id}?q={id}', { params: { id: 7 } });
    expect(users.requests).toMatchObject([{ path: expect.stringMatching(/^\/u\/7\?q=(\{|%7B)id(\}|%7D)$/) }]);
  });
});

describe('bad input is refused before any I/O:', () => {
  const wrong: [string, string, CallOptions][] = [
    ['an absolute URL', 'http://evil.test/', {}],
    ['a host', '//evil.test/', {}],
    ['a backslash', '/a\\b', {}],
    ['a control character', '/a\nb', {}],
    ['a way up', '/a/../b', {}],
    ['an encoded way up', '/a/%2e%2e/b', {}],
    ['an encoded slash', '/a%2fb', {}],
    ['a host header', '/', { headers: { Host: 'evil.test' } }],
    ['a framing header', '/', { headers: { 'transfer-encoding': 'chunked' } }],
    ['a proxy header', '/', { headers: { 'proxy-authorization': 'x' } }],
    ['a header that splits', '/', { headers: { 'x-a': 'b\r\nc: d' } }],
    ['a body that cannot be written', '/', { json: { n: 1n } }],
    ['two bodies', '/', { json: 1, body: 'x' } as unknown as CallOptions],
    ['an unknown option', '/', { tiemout: 1 } as unknown as CallOptions],
    ['an option of streams', '/', { decompress: false } as unknown as CallOptions],
    ['a hedge, which is not available yet', '/', { hedge: { delayMs: 5 } }],
    ['a contradiction of its own', '/', { timeout: { totalMs: 10, attemptMs: 20 } }],
  ];

  test.each(wrong)('%s', async (_, path, options) => {
    const { client, events } = openClient();
    const error = await rejectionOf(client.post(path, options));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_REQUEST', gatewayStatus: 500, service: 'users' });
    expect((error as InvalidRequestError).issues).not.toEqual([]);
    expect(users.requests).toEqual([]);
    expect(events.names).toEqual([]);
  });

  test('options that are no object', async () => {
    const { client } = openClient();
    await expect(client.get('/', null as never)).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(client.get('/', 'no' as never)).rejects.toBeInstanceOf(InvalidRequestError);
  });

  test('a method that is none', async () => {
    const { client } = openClient();
    await expect(client.request('GE T', '/')).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(client.request(undefined as never, '/')).rejects.toBeInstanceOf(InvalidRequestError);
  });

  test('resume, on any method', async () => {
    const { client } = openClient();
    const options = { resume: true } as StreamOptions;
    await expect(client.stream('POST', '/', options)).rejects.toBeInstanceOf(InvalidRequestError);
  });

  test('several mistakes are listed together', async () => {
    const { client } = openClient();
    const options = { responseType: 'xml', headers: { host: 'a' }, deadline: 'soon' } as never;
    const { issues } = (await rejectionOf(client.get('/a\\b', options))) as InvalidRequestError;
    expect(issues.map(({ path }) => path).sort()).toEqual([
      'deadline',
      'headers.host',
      'path',
      'responseType',
    ]);
  });
});

describe('a call’s own options win over the client’s:', () => {
  test('timeout, to which the client’s values give way', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ retry: false });
    const call = rejectionOf(client.get('/', { timeout: { totalMs: 500 } }));
    await users.received();
    await clock.advance(500);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', timeoutMs: 500 });
  });

  test('retry: false, and back on', async () => {
    users.answers(status(503));
    const { client } = openClient();
    await rejectionOf(client.get('/', { retry: false }));
    expect(users.requests).toHaveLength(1);
    const without = openClient({ retry: false });
    await rejectionOf(without.client.get('/', { retry: { maxAttempts: 2, backoff: { baseDelayMs: 0 } } }));
    expect(users.requests).toHaveLength(3);
  });

  test('limits', async () => {
    users.answers(json('x'.repeat(100)));
    const { client } = openClient();
    const error = await rejectionOf(client.get('/', { limits: { maxResponseBytes: 50 } }));
    expect(error).toMatchObject({ code: 'ERR_BODY_TOO_LARGE', limitBytes: 50, gatewayStatus: 502 });
    expect(await client.get('/')).toMatchObject({ status: 200 });
  });

  test('redirect', async () => {
    users.answers(status(302, { location: '/there' }), json('there'));
    const { client } = openClient();
    expect(await client.get('/', { redirect: 'same-origin' })).toMatchObject({ data: 'there' });
  });
});

describe('an idempotency key', () => {
  const twice = { retry: { backoff: { baseDelayMs: 0 } } } as const;

  test('of true is one UUID per call, the same on every attempt', async () => {
    users.answers(status(503), status(503), json({}));
    const { client } = openClient(twice);
    await client.post('/', { idempotencyKey: true });
    await client.post('/', { idempotencyKey: true });
    const keys = users.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[3]).not.toBe(keys[0]);
  });

  test('of a string goes out as it is and allows resending a POST', async () => {
    users.answers(status(503), json({}));
    const { client } = openClient(twice);
    await client.post('/', { idempotencyKey: 'order-7' });
    expect(users.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['order-7', 'order-7']);
  });
});

test('the route in events is the one given, else the template of params, else none', async () => {
  const { client, events } = openClient();
  await client.get('/users/7');
  await client.get('/users/{id}?secret=1', { params: { id: 7 } });
  await client.get('/users/7', { route: 'user', tags: { tier: 'gold' } });
  const starts = events.of('call:start').map(({ route, tags }) => ({ route, tags }));
  expect(starts).toEqual([
    { route: undefined, tags: undefined },
    { route: '/users/{id}', tags: undefined },
    { route: 'user', tags: { tier: 'gold' } },
  ]);
});
