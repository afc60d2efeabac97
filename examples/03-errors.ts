import assert from 'node:assert/strict';
import { isServiceClientError, ServiceClient, sendProblem } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

await using upstream = await startUpstream((req, res) => {
  if (req.url === '/users/8') sendJson(res, 404, { message: 'no such user' });
  else sendJson(res, 500, { message: 'table users_v2 is locked' });
});
const users = new ServiceClient({
  name: 'users',
  baseUrl: upstream.url,
  retry: { backoff: { baseDelayMs: 10 } },
});

// #region safe
const missing = await users.safe.get('/users/8');
if (!missing.ok) console.log(missing.status, missing.message); // 404 no such user

const broken = await users.safe.get('/report');
if (!broken.ok) console.log(broken.status, broken.message); // 502 users service unavailable
// #endregion
assert.deepEqual([missing.status, broken.status], [404, 502]);

// #region catch
try {
  await users.get('/report');
} catch (error) {
  if (!isServiceClientError(error)) throw error;
  console.log(error.message); // users: 3 attempts failed in 34 ms, last: 500 from http://…
  console.log(error.gatewayStatus, error.attempts); // 502, and what was tried
  if (error.code === 'ERR_STATUS') console.log(error.status, error.data); // what the service said
  if (error.code === 'ERR_NETWORK') console.log(error.phase, error.systemCode);
  if (error.code === 'ERR_TIMEOUT') console.log(error.scope, error.timeoutMs);
}
// #endregion

// #region fallback
const { data, fromFallback, fallbackError } = await users.get('/recommendations', { fallback: [] });
console.log(data, fromFallback, fallbackError?.code); // [] true ERR_STATUS
// #endregion
assert.deepEqual([data, fromFallback], [[], true]);

await using gateway = await startUpstream(async (_req, res) => {
  // #region problem
  try {
    const report = await users.get('/report');
    sendJson(res, 200, report.data);
  } catch (error) {
    sendProblem(res, error); // application/problem+json, without any text of a 5xx
  }
  // #endregion
});
const answer = await fetch(gateway.url);
const problem = await answer.text();
console.log(answer.status, answer.headers.get('content-type'), problem);
assert.equal(answer.status, 502);
assert.ok(!problem.includes('users_v2'), 'the text of a 5xx stays inside');
await users.close();
