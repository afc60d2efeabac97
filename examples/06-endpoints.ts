import assert from 'node:assert/strict';
import { ServiceClient, staticDiscovery } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

const startInstance = (healthStatus: number, delayMs: number) =>
  startUpstream((req, res) => {
    if (req.url === '/health') sendJson(res, healthStatus, {});
    else setTimeout(() => sendJson(res, 200, {}), delayMs);
  });
await using fast = await startInstance(200, 1);
await using slow = await startInstance(200, 100);
await using sick = await startInstance(503, 1);

// #region endpoints
const users = new ServiceClient({
  name: 'users',
  endpoints: [{ url: fast.url, weight: 2 }, slow.url, sick.url],
  loadBalancing: { strategy: 'peak-ewma' }, // the default: the faster and less busy of two
  probe: { path: '/health', intervalMs: 5_000, unhealthyThreshold: 1 },
});
users.on('endpoint:unavailable', ({ endpoint, reason }) => console.log(endpoint, 'is out:', reason));
// #endregion

// #region health
const report = await users.probe(); // asks every endpoint now
console.log(report.status); // degraded: some endpoints are available, not all
console.log(users.health().endpoints.map(({ url, status, latencyMs }) => ({ url, status, latencyMs })));
// #endregion
assert.equal(report.status, 'degraded');

for (let count = 0; count < 50; count++) await users.get('/users/7');
const callsOf = ({ requests }: typeof fast) => requests.filter(request => request === 'GET /users/7').length;
console.log('calls:', { fast: callsOf(fast), slow: callsOf(slow), sick: callsOf(sick) });
assert.equal(callsOf(sick), 0, 'probes keep traffic away');
assert.ok(callsOf(fast) > callsOf(slow), 'traffic goes where it is answered sooner');
await users.close();

// #region discovery
const found = new ServiceClient({
  name: 'users',
  discovery: staticDiscovery([fast.url, slow.url]), // or any object with watch(signal), from your own registry
  loadBalancing: { strategy: 'round-robin' },
});
// #endregion
for (let count = 0; count < 4; count++) await found.get('/orders');
assert.equal(slow.requests.filter(request => request === 'GET /orders').length, 2);
await found.close();
