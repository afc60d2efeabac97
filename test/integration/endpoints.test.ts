import { describe, expect, test } from 'vitest';
import { type EndpointInit, staticDiscovery } from '../../src/index.ts';
import { refusedPort, startServer } from '../support/http-server.ts';
import { settlePromises } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient, openSkippingClient } from './test-client.ts';

describe('an endpoint that refuses connections', () => {
  test('was provably never reached: any method goes on to another', async () => {
    await using server = await startServer();
    const refused = `http://127.0.0.1:${await refusedPort()}`;
    const { client } = openSkippingClient({
      endpoints: [refused, server.url],
      loadBalancing: { strategy: { pick: candidates => candidates[0] } },
    });
    const { attempts } = await client.post('/', { json: { order: 7 } });
    expect(attempts).toMatchObject([
      { endpoint: refused, outcome: 'error', code: 'ERR_NETWORK', retry: { source: 'backoff' } },
      { endpoint: server.url, status: 200 },
    ]);
    expect(server.requests).toMatchObject([{ method: 'POST', body: '{"order":7}' }]);
  });

  test('is told as it is when there is no other', async () => {
    const port = await refusedPort();
    const { client } = openSkippingClient({ baseUrl: `http://127.0.0.1:${port}`, retry: { maxAttempts: 2 } });
    expect(await rejectionOf(client.post('/'))).toMatchObject({
      code: 'ERR_NETWORK',
      phase: 'connect',
      systemCode: 'ECONNREFUSED',
      gatewayStatus: 503,
      attempts: [{}, { retry: { refused: 'attempts-spent' } }],
    });
  });
});

test('an endpoint’s hostHeader goes out as Host', async () => {
  await using server = await startServer();
  const { client } = openClient({ endpoints: [{ url: server.url, hostHeader: 'users.internal' }] });
  await client.get('/');
  await client.probe();
  expect(server.requests.map(({ headers }) => headers.host)).toEqual(['users.internal', 'users.internal']);
});

describe('a picker of one’s own', () => {
  test('sees the endpoints and decides', async () => {
    await using server = await startServer();
    await using other = await startServer();
    const { client } = openClient({
      endpoints: [server.url, { url: other.url, weight: 3 }],
      loadBalancing: { strategy: { pick: candidates => candidates.find(({ weight }) => weight === 3) } },
    });
    for (let call = 0; call < 5; call++) await client.get('/');
    expect([server.requests.length, other.requests.length]).toEqual([0, 5]);
  });

  test('that refuses all leaves the call without an endpoint', async () => {
    const { client } = openClient({ loadBalancing: { strategy: { pick: () => undefined } } });
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_NO_ENDPOINT', gatewayStatus: 503 });
  });
});

describe('discovery', () => {
  test('finds the endpoints, for which the first calls wait', async () => {
    await using server = await startServer();
    const { client, events } = openClient({ discovery: staticDiscovery([server.url]) });
    expect(await client.get('/')).toMatchObject({ endpoint: server.url });
    expect(events.of('endpoint:added')).toMatchObject([{ endpoint: server.url }]);
  });

  test('that has not answered yet is waited for no longer than the call has time', async () => {
    const discovery = {
      watch: async function* () {
        await new Promise(() => {});
      },
    };
    const { client, clock, events } = openClient({ discovery: discovery as never });
    const call = rejectionOf(client.get('/'));
    await settlePromises();
    await clock.advance(30_000);
    expect(await call).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total', attempts: [] });
    expect(events.names.filter(name => name.startsWith('attempt:'))).toEqual([]);
  });

  test('that finds none at first leaves calls without an endpoint', async () => {
    const { client } = openClient({ discovery: staticDiscovery([]) });
    expect(await rejectionOf(client.get('/'))).toMatchObject({ code: 'ERR_NO_ENDPOINT' });
  });

  test('is followed: what is gone gets no calls any more', async () => {
    await using server = await startServer();
    await using other = await startServer();
    const change = Promise.withResolvers<void>();
    const discovery = {
      async *watch(): AsyncGenerator<readonly EndpointInit[]> {
        yield [server.url];
        await change.promise;
        yield [other.url];
        await new Promise(() => {});
      },
    };
    const { client, events } = openClient({ discovery });
    await client.get('/');
    change.resolve();
    await events.waitFor('endpoint:removed');
    for (let call = 0; call < 3; call++) await client.get('/');
    expect([server.requests.length, other.requests.length]).toEqual([1, 3]);
  });
});
