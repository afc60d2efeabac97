import createClient from 'openapi-fetch';
import { expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { EAGER_RETRY, openClient } from '../wire/open-client.ts';

interface Json<T> {
  content: { 'application/json': T };
}
interface User {
  id: number;
  name: string;
}
interface paths {
  '/users/{id}': {
    get: {
      parameters: { path: { id: string }; query?: { with?: string[] }; header?: { 'x-tenant'?: string } };
      responses: { 200: Json<User>; 404: Json<{ message: string }> };
    };
    put: {
      parameters: { path: { id: string } };
      requestBody: Json<{ name: string }>;
      responses: { 200: Json<User> };
    };
    delete: { parameters: { path: { id: string } }; responses: { 204: { content?: never } } };
  };
}

const api = (client: ReturnType<typeof openClient>) =>
  createClient<paths>({ baseUrl: 'http://users', fetch: client.fetch });

test('a call goes to the service, with its parameters', async () => {
  await using upstream = await startServer((_req, res) => sendJson(res, { id: 7, name: 'Ada' }));
  await using client = openClient(`${upstream.url}/api`);
  const { data, response } = await api(client).GET('/users/{id}', {
    params: { path: { id: 'a b' }, query: { with: ['orders', 'roles'] }, header: { 'x-tenant': 'acme' } },
  });
  expect(data).toEqual({ id: 7, name: 'Ada' });
  const [seen] = upstream.requests;
  expect(seen?.url).toBe('/api/users/a%20b?with=orders&with=roles');
  expect(seen?.headers['x-tenant']).toBe('acme');
  expect(response.url).toBe(upstream.url + seen?.url);
});

test('a failing status is data, an empty answer none', async () => {
  await using upstream = await startServer((req, res) => {
    if (req.method === 'DELETE') res.writeHead(204).end();
    else sendJson(res, { message: 'no such user' }, 404);
  });
  await using client = openClient(upstream);
  const params = { path: { id: '8' } };
  const { data, error, response } = await api(client).GET('/users/{id}', { params });
  expect([data, error, response.status]).toEqual([undefined, { message: 'no such user' }, 404]);
  const deleted = await api(client).DELETE('/users/{id}', { params });
  expect([deleted.response.status, deleted.error]).toEqual([204, undefined]);
});

test('a body is resent whole with every attempt', async () => {
  await using upstream = await startServer((_req, res) => {
    sendJson(res, { id: 7, name: 'Ada' }, upstream.requests.length < 3 ? 503 : 200);
  });
  await using client = openClient(upstream, { retry: EAGER_RETRY });
  const { data } = await api(client).PUT('/users/{id}', {
    params: { path: { id: '7' } },
    body: { name: 'Ada' },
  });
  expect(data?.name).toBe('Ada');
  await upstream.idle();
  expect(upstream.requests.map(({ body }) => body)).toEqual(Array(3).fill('{"name":"Ada"}'));
});

test('an abort reaches the service', async () => {
  await using upstream = await startServer(() => {});
  await using client = openClient(upstream);
  const leaks = await watchLeaks([upstream]);
  const controller = new AbortController();
  const { signal } = controller;
  const call = api(client).GET('/users/{id}', { params: { path: { id: '7' } }, signal });
  await upstream.received();
  controller.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
  await upstream.drained();
  await leaks.verify();
});

test('what is below a status rejects with an error of ours', async () => {
  await using upstream = await startServer((_req, res) => res.destroy());
  await using client = openClient(upstream, { retry: false });
  const call = api(client).GET('/users/{id}', { params: { path: { id: '7' } } });
  await expect(call).rejects.toMatchObject({ code: 'ERR_NETWORK', service: 'users' });
});
