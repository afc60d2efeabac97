import assert from 'node:assert/strict';
import { ServiceClient } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

await using upstream = await startUpstream((req, res) => {
  const headers = { deprecation: '@1767225600', sunset: 'Wed, 30 Jun 2027 00:00:00 GMT' };
  sendJson(res, 200, { url: req.url, version: req.headers['accept-version'] }, headers);
});

// #region version
const users = new ServiceClient({
  name: 'users',
  baseUrl: upstream.url,
  version: { header: 'accept-version', value: '2' }, // or { pathPrefix: '/v2' }
});
users.on('call:deprecated', ({ route, reason, sunsetAt }) => console.log(route, reason, sunsetAt));
// #endregion

let notices = 0;
users.on('call:deprecated', () => notices++);
const { data } = await users.get('/users/{id}', { params: { id: 7 } });
await users.get('/users/{id}', { params: { id: 8 } });
assert.deepEqual(data, { url: '/users/7', version: '2' });
assert.equal(notices, 1, 'once per route');
await users.close();
