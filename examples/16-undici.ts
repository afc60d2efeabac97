import assert from 'node:assert/strict';
import { ServiceClient } from 'holdfast';
import { undiciTransport } from 'holdfast/undici';
import { MockAgent } from 'undici';
import { startUpstream } from './upstream.ts';

await using upstream = await startUpstream((_req, res, nth) => {
  res.writeHead(nth === 1 ? 503 : 200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ id: 7, name: 'Ada' }));
});

// #region undici
const users = new ServiceClient({
  name: 'users',
  baseUrl: upstream.url,
  transport: undiciTransport(), // everything else stays as it is
});
const { data, attempts } = await users.get('/users/{id}', { params: { id: 7 } });
console.log(data, `after ${attempts.length} attempts`);
// #endregion
assert.deepEqual(data, { id: 7, name: 'Ada' });
assert.equal(attempts.length, 2);
await users.close();

// #region mock-agent
const agent = new MockAgent();
agent.disableNetConnect(); // what nothing answers must not go to the network
agent.get('http://users.test').intercept({ path: '/users/7' }).reply(200, { id: 7 });

const mocked = new ServiceClient({
  name: 'users',
  baseUrl: 'http://users.test',
  transport: undiciTransport({ dispatcher: agent }),
});
const answer = await mocked.get('/users/7', { responseType: 'json' });
console.log(answer.data);
// #endregion
assert.deepEqual(answer.data, { id: 7 });
await mocked.close();
