import { MockAgent, Pool } from 'undici';
import { describe, expect, test } from 'vitest';
import { ServiceClient } from '../../src/index.ts';
import { undiciTransport } from '../../src/undici/index.ts';
import { ca, serverPair } from '../support/certificates.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { startRawServer } from '../support/raw-server.ts';
import { rejectionOf } from '../support/transport-request.ts';

const ORIGIN = 'http://users.test';

describe('one undiciTransport() for many clients', () => {
  test('gives each connections of its own: closing one leaves the others alone', async () => {
    await using server = await startServer();
    const leaks = await watchLeaks([server]);
    const transport = undiciTransport();
    const one = new ServiceClient({ name: 'one', baseUrl: server.url, transport });
    const two = new ServiceClient({ name: 'two', baseUrl: server.url, transport });
    await one.get('/');
    await two.get('/');
    expect(server.connections).toBe(2);
    await one.close();
    await server.drained(1);
    await two.get('/');
    expect(server.connections).toBe(2);
    await two.close();
    await server.drained();
    await leaks.verify();
  });

  test("each client's pool settings hold for its own connections", async () => {
    await using server = await startServer((_req, res) => setTimeout(() => sendJson(res, {}), 10));
    const transport = undiciTransport();
    const narrow = { name: 'narrow', baseUrl: server.url, transport, pool: { maxSockets: 2 } };
    await using client = new ServiceClient(narrow);
    await Promise.all(Array.from({ length: 10 }, () => client.get('/')));
    expect(server.connections).toBe(2);
    await using wide = new ServiceClient({ name: 'wide', baseUrl: server.url, transport });
    await Promise.all(Array.from({ length: 10 }, () => wide.get('/')));
    expect(server.connections).toBe(12);
  });
});

test("a client's TLS settings reach it", async () => {
  await using server = await startServer(undefined, { tls: serverPair });
  const options = { name: 'users', baseUrl: server.url, transport: undiciTransport() };
  await using trusting = new ServiceClient({ ...options, tls: { ca } });
  expect((await trusting.get('/')).status).toBe(200);
  await using careful = new ServiceClient(options);
  expect(await rejectionOf(careful.get('/'))).toMatchObject({ code: 'ERR_NETWORK', phase: 'tls' });
});

test("a client's clock reaches it", async () => {
  await using server = await startServer((_req, res) => res.writeHead(200).write('x'));
  const clock = new ManualClock();
  const client = new ServiceClient({
    name: 'users',
    baseUrl: server.url,
    transport: undiciTransport(),
    clock,
    retry: false,
    timeout: { idleMs: 1000 },
  });
  const { body } = await client.stream('GET', '/');
  const read = rejectionOf(body.toArray());
  await new Promise(resolve => setTimeout(resolve, 50));
  await clock.advance(1000);
  expect(await read).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'idle' });
  await client.close();
});

test('a thousand requests that wait and then fail at once are no deep recursion', async () => {
  await using server = await startServer((_req, res) => res.write('x'), { tls: serverPair });
  let sealed = false;
  await using client = new ServiceClient({
    name: 'users',
    baseUrl: server.url,
    transport: undiciTransport(),
    pool: { maxSockets: 1 },
    bulkhead: { maxConcurrent: 5000 },
    circuitBreaker: false,
    tls: () => {
      if (sealed) throw new Error('vault sealed');
      return { ca };
    },
  });
  const { body } = await client.stream('GET', '/');
  const errors = Array.from({ length: 4000 }, () => rejectionOf(client.get('/')));
  await settlePromises();
  sealed = true;
  body.destroy();
  for (const error of await Promise.all(errors)) expect(error).toMatchObject({ phase: 'tls' });
});

test('a body that breaks gives its reader first what had come before', async () => {
  await using server = await startRawServer(({ socket }) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'),
  );
  await using client = new ServiceClient({
    name: 'users',
    baseUrl: server.url,
    transport: undiciTransport(),
  });
  let text = '';
  const { body } = await client.stream('GET', '/');
  const error = await rejectionOf(
    (async () => {
      for await (const chunk of body) text += chunk;
    })(),
  );
  expect([text, error]).toMatchObject(['abc', { code: 'ERR_NETWORK', phase: 'body' }]);
});

describe('through a dispatcher of your own', () => {
  function mocked() {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const transport = undiciTransport({ dispatcher: agent });
    const client = new ServiceClient({ name: 'users', baseUrl: ORIGIN, transport, retry: false });
    return { agent, users: agent.get(ORIGIN), client };
  }

  test('a MockAgent answers', async () => {
    const { users, client } = mocked();
    users
      .intercept({ path: '/users/7', headers: { 'user-agent': value => value.startsWith('holdfast/') } })
      .reply(200, { id: 7 }, { headers: { 'content-type': 'application/json', 'set-cookie': 'a=1' } });
    const { data, headers } = await client.get('/users/7');
    expect([data, headers['set-cookie']]).toEqual([{ id: 7 }, ['a=1']]);
    await client.close();
  });

  test('a MockAgent sees what a call sends', async () => {
    const { users, client } = mocked();
    users.intercept({ path: '/echo', method: 'POST', body: '{"a":1}' }).reply(201, 'whole');
    expect((await client.post('/echo', { json: { a: 1 }, responseType: 'text' })).data).toBe('whole');
    await client.close();
  });

  test('a failure there is a network failure', async () => {
    const { users, client } = mocked();
    const error = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    users.intercept({ path: '/' }).replyWithError(error);
    expect(await rejectionOf(client.get('/'))).toMatchObject({
      code: 'ERR_NETWORK',
      phase: 'response',
      systemCode: 'ECONNRESET',
    });
    await client.close();
  });

  test('what nothing there answers fails, and never goes to the network', async () => {
    const { client } = mocked();
    expect(await rejectionOf(client.get('/other'))).toMatchObject({ code: 'ERR_NETWORK' });
    await client.close();
  });

  test('a hanging answer can be cancelled, and a late one is dropped', async () => {
    const { users, client } = mocked();
    users.intercept({ path: '/' }).reply(200, 'late').delay(50);
    const controller = new AbortController();
    const leaks = await watchLeaks();
    const call = rejectionOf(client.get('/', { signal: controller.signal }));
    await settlePromises();
    controller.abort('left');
    expect(await call).toBe('left');
    await leaks.verify([controller.signal]);
    await client.close();
  });

  test('a request that was cancelled while it waited there is not sent', async () => {
    const release = Promise.withResolvers<void>();
    await using server = await startServer(async (_req, res) => {
      await release.promise;
      sendJson(res, {});
    });
    const dispatcher = new Pool(server.url, { connections: 1 });
    await using client = new ServiceClient({
      name: 'users',
      baseUrl: server.url,
      transport: undiciTransport({ dispatcher }),
    });
    const first = client.get('/first');
    await server.received();
    const controller = new AbortController();
    const second = rejectionOf(client.get('/second', { signal: controller.signal }));
    await settlePromises();
    controller.abort('left');
    expect(await second).toBe('left');
    release.resolve();
    await first;
    await client.get('/third');
    expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/third']);
    await dispatcher.close();
  });

  test('closing the client leaves it open', async () => {
    const { agent, users, client } = mocked();
    await client.close();
    users.intercept({ path: '/' }).reply(200, 'still here');
    const transport = undiciTransport({ dispatcher: agent });
    await using other = new ServiceClient({ name: 'users', baseUrl: ORIGIN, transport });
    expect((await other.get('/', { responseType: 'text' })).data).toBe('still here');
  });
});
