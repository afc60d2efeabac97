import { describe, expect, test, vi } from 'vitest';
import { rejectionOf } from '../support/transport-request.ts';
import { broken, json, mockServices, silent, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');
const once = { retry: false } as const;
const MINE = new Error('mine');

describe('a fallback stands in', () => {
  test('for a 5xx, with the error under fallbackError', async () => {
    users.answers(status(500));
    const { client } = openClient(once);
    const response = await client.get('/', { fallback: ['none'] });
    expect(response).toMatchObject({
      ok: true,
      data: ['none'],
      fromFallback: true,
      service: 'users',
      endpoint: 'http://users.test',
      attempts: [{ number: 1, status: 500 }],
      fallbackError: { code: 'ERR_STATUS', status: 500 },
    });
  });

  test('for a broken connection, as a function of the error', async () => {
    users.answers(broken);
    const { client } = openClient(once);
    const response = await client.get('/', { fallback: ({ code }) => `no users: ${code}` });
    expect(response).toMatchObject({ data: 'no users: ERR_NETWORK', fromFallback: true });
  });

  test('for a contract breach', async () => {
    users.answers(text('<html>', 'application/json'));
    const { client } = openClient(once);
    expect(await client.get('/', { fallback: null })).toMatchObject({ data: null, fromFallback: true });
  });

  test('for a timeout, counting the whole call', async () => {
    users.answers(status(503), silent);
    const { client, clock, events } = openClient({ timeout: { totalMs: 1000 } });
    const call = client.get('/', { fallback: async () => 'later' });
    await events.waitFor('retry:scheduled');
    await clock.advance(100);
    await users.received(2);
    await clock.advance(900);
    expect(await call).toMatchObject({ data: 'later', durationMs: 1000, fallbackError: { scope: 'total' } });
  });

  test('for a closed client', async () => {
    const { client } = openClient(once);
    await client.close();
    expect(await client.get('/', { fallback: 'closed' })).toMatchObject({
      data: 'closed',
      fallbackError: { code: 'ERR_CLIENT_CLOSED' },
    });
  });

  test.each([
    ['auth', { auth: () => Promise.reject(MINE) }],
    ['a call interceptor', { interceptors: { call: [() => Promise.reject(MINE)] } }],
    ['an attempt interceptor', { interceptors: { attempt: [() => Promise.reject(MINE)] } }],
  ])('for what %s threw, which is no error of ours', async (hook, options) => {
    const { client } = openClient({ ...once, ...options });
    const seen: unknown[] = [];
    const fallback = (error: unknown) => {
      seen.push(error);
      return 'x';
    };
    const response = await client.get('/', { fallback });
    expect(response).toMatchObject({ data: 'x', fromFallback: true, service: 'users' });
    expect([response.fallbackError, ...seen]).toEqual([MINE, MINE]);
    expect(response.attempts).toHaveLength(hook === 'a call interceptor' ? 0 : 1);
  });

  test('in safe calls too', async () => {
    users.answers(status(500));
    const { client } = openClient(once);
    expect(await client.safe.get('/', { fallback: 0 })).toMatchObject({
      ok: true,
      data: 0,
      fromFallback: true,
    });
  });
});

describe('a fallback is not used', () => {
  test('for a success', async () => {
    const { client } = openClient();
    expect(await client.get('/', { fallback: 'x' })).toMatchObject({
      data: { ok: true },
      fromFallback: false,
    });
  });

  test.each([400, 404, 429])('for a %d', async code => {
    users.answers(json({}, { status: code }));
    const { client } = openClient(once);
    expect(await rejectionOf(client.get('/', { fallback: 'x' }))).toMatchObject({ status: code });
  });

  test('for bad input', async () => {
    const { client } = openClient();
    const error = await rejectionOf(client.get('/a\\b', { fallback: 'x' }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  test('for the caller’s own abort', async () => {
    users.answers(silent);
    const { client } = openClient();
    const controller = new AbortController();
    const call = rejectionOf(client.get('/', { fallback: 'x', signal: controller.signal }));
    await users.received();
    controller.abort('enough');
    expect(await call).toBe('enough');
  });
});

test('a fallback that throws leaves the call’s own failure, and is reported once', async () => {
  users.answers(status(500));
  const { client } = openClient(once);
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const fallback = () => {
    throw new Error('fallback broke');
  };
  expect(await rejectionOf(client.get('/', { fallback }))).toMatchObject({ status: 500 });
  expect(await rejectionOf(client.get('/', { fallback }))).toMatchObject({ status: 500 });
  expect(warnings).toHaveBeenCalledExactlyOnceWith(
    expect.stringContaining('users: a fallback function failed'),
    expect.objectContaining({ code: 'HOLDFAST_FALLBACK' }),
  );
  warnings.mockRestore();
});
