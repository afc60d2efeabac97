import ky, { HTTPError } from 'ky';
import { expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { EAGER_RETRY, openClient } from '../wire/open-client.ts';

const api = ({ fetch }: ServiceClient) =>
  ky.create({ prefixUrl: 'http://users', fetch, retry: 0, timeout: false });

test('a call goes to the service, with its parameters', async () => {
  await using upstream = await startServer((_req, res) => sendJson(res, { name: 'Ada' }));
  await using client = openClient(`${upstream.url}/api`);
  const searchParams = { with: 'orders' };
  const headers = { 'x-tenant': 'acme' };
  expect(await api(client).get('users/7', { searchParams, headers }).json()).toEqual({ name: 'Ada' });
  const [seen] = upstream.requests;
  expect([seen?.url, seen?.headers['x-tenant']]).toEqual(['/api/users/7?with=orders', 'acme']);
});

test('a failing status is an error of ky, with the answer of the service', async () => {
  await using upstream = await startServer((_req, res) => sendJson(res, { message: 'no such user' }, 404));
  await using client = openClient(upstream);
  const error = await api(client)
    .get('users/8')
    .catch(reason => reason);
  expect(error).toBeInstanceOf(HTTPError);
  expect([error.response.status, await error.response.json()]).toEqual([404, { message: 'no such user' }]);
});

test.each([
  ['JSON', { json: { name: 'Ada' } }, '{"name":"Ada"}'],
  ['text', { body: 'hello' }, 'hello'],
  ['a form', { body: new URLSearchParams({ name: 'Ada' }) }, 'name=Ada'],
])('a body of %s is resent whole with every attempt', async (_kind, options, body) => {
  await using upstream = await startServer((_req, res) => {
    res.writeHead(upstream.requests.length < 3 ? 503 : 200).end();
  });
  await using client = openClient(upstream, { retry: EAGER_RETRY });
  expect((await api(client).put('users/7', options)).status).toBe(200);
  await upstream.idle();
  expect(upstream.requests.map(seen => seen.body)).toEqual(Array(3).fill(body));
});

test('a retry of ky itself begins a call of its own', async () => {
  await using upstream = await startServer((_req, res) => {
    res.writeHead(upstream.requests.length < 2 ? 503 : 200).end('hello');
  });
  await using client = openClient(upstream, { retry: false });
  const retry = { limit: 1, delay: () => 1 };
  const response = await api(client).put('users/7', { json: { name: 'Ada' }, retry });
  expect(await response.text()).toBe('hello');
  await upstream.idle();
  expect(upstream.requests.map(seen => seen.body)).toEqual(Array(2).fill('{"name":"Ada"}'));
});

test('a download goes chunk by chunk through the progress of ky', async () => {
  const size = 1024 * 1024;
  await using upstream = await startServer((_req, res) => {
    res.writeHead(200, { 'content-length': size }).end(Buffer.alloc(size, 1));
  });
  await using client = openClient(upstream);
  let last = { percent: 0, transferredBytes: 0 };
  const bytes = await api(client)
    .get('files/7', {
      onDownloadProgress: progress => {
        last = progress;
      },
    })
    .arrayBuffer();
  expect([bytes.byteLength, last.percent, last.transferredBytes]).toEqual([size, 1, size]);
});

test('an abort, and the time limit of ky, reach the service', async () => {
  await using upstream = await startServer(() => {});
  await using client = openClient(upstream);
  const leaks = await watchLeaks([upstream]);
  const controller = new AbortController();
  const aborted = api(client).get('users/7', { signal: controller.signal });
  const outcome = expect(aborted).rejects.toThrow('enough');
  await upstream.received();
  controller.abort(new Error('enough'));
  await outcome;
  await upstream.drained();
  await expect(api(client).get('users/7', { timeout: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
  await upstream.drained();
  await leaks.verify();
});

test('what is below a status rejects with an error of ours', async () => {
  await using upstream = await startServer((_req, res) => res.destroy());
  await using client = openClient(upstream, { retry: false });
  await expect(api(client).get('users/7')).rejects.toMatchObject({ code: 'ERR_NETWORK', service: 'users' });
});
