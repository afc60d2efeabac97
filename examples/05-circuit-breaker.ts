import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CircuitOpenError, ServiceClient } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

let broken = true;
await using upstream = await startUpstream((_req, res) => sendJson(res, broken ? 500 : 200, { ok: !broken }));

// #region circuit
const search = new ServiceClient({
  name: 'search',
  baseUrl: upstream.url,
  retry: false,
  circuitBreaker: { failureRatio: 0.5, minThroughput: 4, openMs: 300 },
});
search.on('circuit:open', ({ reason, retryAfterMs }) => console.log('open:', reason, retryAfterMs));
search.on('circuit:half-open', ({ reason }) => console.log('half-open:', reason));
search.on('circuit:close', ({ reason }) => console.log('closed:', reason));
// #endregion

for (let count = 0; count < 4; count++) await search.safe.get('/lamps');
assert.equal(search.health().endpoints[0]?.circuit, 'open');

// #region rejected
try {
  await search.get('/lamps');
} catch (error) {
  if (!(error instanceof CircuitOpenError)) throw error;
  console.log(error.message, error.retryAfterMs); // nothing was sent
}
// #endregion
assert.equal(upstream.requests.length, 4);

broken = false;
await sleep(320); // the open time is over: the next call is the trial
// #region trial
const [trial, ...others] = await Promise.all([1, 2, 3].map(() => search.safe.get('/lamps')));
const refused = others.map(({ status }) => status);
console.log(trial?.status, refused); // 200 [ 503, 503 ]: one trial at a time
console.log(search.health().endpoints[0]?.circuit); // closed
// #endregion
assert.deepEqual([trial?.ok, ...others.map(({ ok }) => ok)], [true, false, false]);
assert.equal(upstream.requests.length, 5);
assert.equal(search.health().status, 'up');
await search.close();
