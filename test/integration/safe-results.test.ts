import { describe, expect, test } from 'vitest';
import { broken, json, mockServices, silent, status, text } from './mocked-services.ts';
import { openClient } from './test-client.ts';

const [users] = mockServices('http://users.test');
const once = { name: 'youtube', retry: false } as const;

test('a success is the response itself', async () => {
  const { client } = openClient();
  expect(await client.safe.get('/')).toMatchObject({ ok: true, status: 200, data: { ok: true } });
});

describe('a failure', () => {
  test('says what a gateway needs to know', async () => {
    users.answers(status(503));
    const { client, clock, events } = openClient({ retry: { maxAttempts: 2 } });
    const call = client.safe.get('/');
    await events.waitFor('retry:scheduled');
    await clock.advance(100);
    const result = await call;
    expect(result).toEqual({
      ok: false,
      status: 503,
      message: 'users service unavailable',
      endpoint: 'http://users.test',
      service: 'users',
      attempts: [
        expect.objectContaining({ number: 1, retry: { delayMs: 100, source: 'backoff' } }),
        expect.objectContaining({ number: 2, retry: { refused: 'attempts-spent' } }),
      ],
      durationMs: 100,
      error: expect.objectContaining({ code: 'ERR_STATUS', status: 503 }),
    });
  });

  test.each([
    [404, 404],
    [409, 409],
    [500, 502],
    [502, 502],
    [503, 503],
    [504, 504],
  ])('of %d is %d at the gateway', async (upstream, gateway) => {
    users.answers(status(upstream));
    const { client } = openClient(once);
    expect(await client.safe.get('/')).toMatchObject({ ok: false, status: gateway });
  });

  test('of the network is a 503, of time a 504, of a contract a 502, of bad input a 500', async () => {
    users.answers(broken, text('{', 'application/json'));
    const { client } = openClient(once);
    expect(await client.safe.get('/')).toMatchObject({ status: 503, message: 'youtube service unavailable' });
    expect(await client.safe.get('/')).toMatchObject({ status: 502, message: 'youtube service unavailable' });
    expect(await client.safe.get('/', { deadline: 0 })).toMatchObject({ status: 504, endpoint: undefined });
    expect(await client.safe.get('/a\\')).toMatchObject({ status: 500, attempts: [], durationMs: 0 });
  });

  test.each([
    ['message', { message: 'no such user' }],
    ['error', { error: 'no such user' }],
    ['error.message', { error: { message: 'no such user' } }],
    ['detail', { detail: 'no such user' }],
    ['title', { title: 'no such user' }],
  ])('of a 4xx shows the upstream’s own %s', async (_, body) => {
    users.answers(json(body, { status: 404 }));
    expect(await openClient(once).client.safe.get('/')).toMatchObject({ message: 'no such user' });
  });

  test('of a 5xx never shows what the upstream said', async () => {
    users.answers(json({ message: 'password is 123' }, { status: 500 }));
    const result = await openClient(once).client.safe.get('/');
    expect(result).toMatchObject({ message: 'youtube service unavailable' });
  });
});

describe('after the caller’s abort', () => {
  test('the result is a 499 with the reason and the log of what was tried', async () => {
    users.answers(silent);
    const { client, clock } = openClient(once);
    const controller = new AbortController();
    const call = client.safe.get('/', { signal: controller.signal });
    await users.received();
    await clock.advance(30);
    const reason = { why: 'enough' };
    controller.abort(reason);
    const result = await call;
    expect(result).toMatchObject({
      ok: false,
      status: 499,
      message: 'youtube request was aborted',
      endpoint: 'http://users.test',
      durationMs: 30,
      attempts: [{ number: 1, outcome: 'aborted', durationMs: 30 }],
    });
    expect(result.ok || result.error).toBe(reason);
  });

  test('an abort before the call sends nothing', async () => {
    const { client } = openClient(once);
    const signal = AbortSignal.abort('early');
    expect(await client.safe.get('/', { signal })).toMatchObject({
      status: 499,
      error: 'early',
      attempts: [],
    });
    expect(users.requests).toEqual([]);
  });

  test('a reason that is an error of ours keeps its own log', async () => {
    users.answers(status(500), silent);
    const { client } = openClient(once);
    const first = await client.safe.get('/');
    const controller = new AbortController();
    const call = client.safe.get('/', { signal: controller.signal });
    await users.received(2);
    const reason = first.ok ? undefined : (first.error as { attempts: unknown; message: string });
    const { attempts, message } = reason!;
    controller.abort(reason);
    expect(await call).toMatchObject({ status: 499 });
    expect(reason).toMatchObject({ attempts, message });
  });
});
