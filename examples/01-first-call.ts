import assert from 'node:assert/strict';
// #region first-call
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ServiceClient } from 'holdfast';

let failures = 1; // a service that fails once
const service = createServer((_, res) => res.writeHead(failures-- > 0 ? 503 : 200).end('{"name":"Ada"}'));
await once(service.listen(0, '127.0.0.1'), 'listening');
const { port } = Object(service.address());

const users = new ServiceClient({ name: 'users', baseUrl: `http://127.0.0.1:${port}` });
const { data, attempts } = await users.get('/users/{id}', { params: { id: 7 }, responseType: 'json' });
console.log(data, attempts); // { name: 'Ada' }, after a 503 and a retry
service.close();
// #endregion

assert.deepEqual(data, { name: 'Ada' });
assert.deepEqual(
  attempts.map(({ status }) => status),
  [503, 200],
);
