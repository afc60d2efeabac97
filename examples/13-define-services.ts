import assert from 'node:assert/strict';
import { ConfigurationError, defineServices } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

await using upstream = await startUpstream((req, res) => sendJson(res, 200, { path: req.url }));

// #region services
const services = defineServices(
  {
    youtube: { baseUrl: `${upstream.url}/youtube`, timeout: { attemptMs: 20_000 } },
    users: { baseUrl: `${upstream.url}/users`, probe: { path: '/health' } },
  },
  { timeout: { totalMs: 25_000 }, retry: { maxAttempts: 4 } }, // what every service starts from
);

const { data } = await services.users.get<{ path: string }>('/7');
services.on('circuit:open', ({ service, endpoint }) => console.log(service, endpoint));
console.log(services.health().status);
// #endregion
assert.equal(data.path, '/users/7');

// #region checked
try {
  defineServices({
    a: { baseUrl: 'localhost:3001' },
    b: { baseUrl: 'http://b', retry: { maxAttempts: 99 } },
  });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.log(error.message); // every problem of every service at once
}
// #endregion
assert.throws(() => defineServices({ close: { baseUrl: 'http://users' } }), ConfigurationError);

// #region close
await services.close({ graceMs: 5_000 }); // on SIGTERM: finish what is under way, then stop
// #endregion
