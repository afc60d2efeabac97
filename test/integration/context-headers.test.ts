import { describe, expect, test } from 'vitest';
import { deadlineFrom, runInContext } from '../../src/index.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { json, mockServices, silent, status } from './mocked-services.ts';
import { openClient, openSkippingClient } from './test-client.ts';

const [users] = mockServices('http://users.test');
const TIME_LEFT = 'x-envoy-expected-rq-timeout-ms';

const context = {
  requestId: 'r1',
  jobId: 'j1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=1',
  tenant: 'not sent',
};

describe('the context', () => {
  test('goes out with every attempt made in it, through async code', async () => {
    users.answers(status(503), json({}));
    const { client } = openSkippingClient();
    await runInContext(context, async () => {
      await Promise.resolve();
      await client.get('/');
    });
    for (const { headers } of users.requests) {
      expect(headers).toMatchObject({
        'x-request-id': 'r1',
        'x-job-id': 'j1',
        traceparent: context.traceparent,
        tracestate: 'vendor=1',
      });
      expect(JSON.stringify(headers)).not.toContain('not sent');
    }
    expect(users.requests).toHaveLength(2);
  });

  test('of a call adds to it, in headers and events', async () => {
    const { client, events } = openClient();
    await runInContext(context, () => client.get('/', { context: { jobId: 'j2' } }));
    expect(users.requests).toMatchObject([{ headers: { 'x-request-id': 'r1', 'x-job-id': 'j2' } }]);
    for (const { fields } of events.all)
      expect(fields).toMatchObject({ context: { ...context, jobId: 'j2' } });
  });

  test('gives way to the call’s own headers', async () => {
    const { client } = openClient();
    await client.get('/', { context, headers: { 'X-Request-Id': 'own' } });
    expect(users.requests).toMatchObject([{ headers: { 'x-request-id': 'own' } }]);
  });

  test('does not leak into code outside it', async () => {
    const { client } = openClient();
    runInContext(context, () => {});
    await client.get('/');
    expect((await users.received()).headers).not.toHaveProperty('x-request-id');
  });

  test('stays here with propagate.context: false', async () => {
    const { client, events } = openClient({ propagate: { context: false } });
    await client.get('/', { context });
    expect((await users.received()).headers).not.toHaveProperty('x-request-id');
    expect(events.of('call:start')).toMatchObject([{ context }]);
  });

  test('names the request in the problem of a failure', async () => {
    users.answers(status(404));
    const { client } = openClient();
    const error = await rejectionOf(client.get('/', { context }));
    expect((error as { toProblem(): object }).toProblem()).toMatchObject({ requestId: 'r1' });
  });

  test('names a request that is known by a number too', async () => {
    users.answers(status(404));
    const { client } = openClient();
    const error = await rejectionOf(client.get('/', { context: { requestId: 7 } }));
    expect((error as { toProblem(): object }).toProblem()).toMatchObject({ requestId: '7' });
  });
});

describe('the remaining time', () => {
  test('is not sent unless asked for', async () => {
    await openClient().client.get('/');
    expect((await users.received()).headers).not.toHaveProperty(TIME_LEFT);
  });

  test('goes out with each attempt as it is then', async () => {
    users.answers(status(503), json({}));
    const { client } = openSkippingClient({ propagate: { deadline: true } });
    await client.get('/', { timeout: { totalMs: 5000 } });
    expect(users.requests.map(({ headers }) => headers[TIME_LEFT])).toEqual(['5000', '4900']);
  });

  test('is that of the call’s deadline where it is sooner, and of the context’s', async () => {
    const { client, clock } = openClient({ propagate: { deadline: true } });
    await client.get('/', { deadline: new Date(clock.now() + 700) });
    await runInContext({ deadline: clock.now() + 300 }, () =>
      client.get('/', { deadline: clock.now() + 900 }),
    );
    expect(users.requests.map(({ headers }) => headers[TIME_LEFT])).toEqual(['700', '300']);
  });

  test('is left out without any limit', async () => {
    const { client } = openClient({ propagate: { deadline: true }, timeout: { totalMs: false } });
    await client.get('/');
    expect((await users.received()).headers).not.toHaveProperty(TIME_LEFT);
  });

  test('arrives at the next service as its deadline', async () => {
    const { client, clock } = openClient({ propagate: { deadline: true } });
    await client.get('/', { timeout: { totalMs: 5000 } });
    expect(deadlineFrom(await users.received(), clock)).toBe(clock.now() + 5000);
  });
});

describe('a deadline', () => {
  test.each([0, 1_700_000_000_000, new Date(0)])('that has passed (%s) sends nothing', async deadline => {
    const { client, events } = openClient();
    const error = await rejectionOf(client.get('/', { deadline }));
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total', timeoutMs: 0, gatewayStatus: 504 });
    expect(users.requests).toEqual([]);
    expect(events.names).toEqual(['call:start', 'call:end']);
  });

  test('ends a call sooner than its total time', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ retry: false });
    const call = rejectionOf(client.get('/', { deadline: clock.now() + 400 }));
    await users.received();
    await clock.advance(400);
    expect(await call).toMatchObject({ scope: 'total', timeoutMs: 400 });
  });

  test('of the context ends it too, and a call cannot outlast it', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ retry: false });
    const call = runInContext({ deadline: clock.now() + 400 }, () =>
      rejectionOf(client.get('/', { deadline: clock.now() + 5000 })),
    );
    await users.received();
    await clock.advance(400);
    expect(await call).toMatchObject({ scope: 'total', timeoutMs: 400 });
  });

  test('is kept by a wall clock that jumps', async () => {
    users.answers(silent);
    const { client, clock } = openClient({ retry: false });
    const call = rejectionOf(client.get('/', { deadline: clock.now() + 400 }));
    await users.received();
    clock.setWallClock(0);
    await clock.advance(400);
    expect(await call).toMatchObject({ scope: 'total' });
  });
});
