import assert from 'node:assert/strict';
import { ServiceClient, TimeoutError } from 'holdfast';
import { sendJson, startUpstream } from './upstream.ts';

const keys = new Set<unknown>();
await using upstream = await startUpstream((req, res, nth) => {
  keys.add(req.headers['idempotency-key']);
  if (req.url === '/slow') return; // never answers
  if (req.url === '/busy' && nth === 1) sendJson(res, 503, {}, { 'retry-after': '1' });
  else sendJson(res, req.url === '/orders' && nth % 2 === 1 ? 500 : 200, { done: true });
});

// #region retry
const orders = new ServiceClient({
  name: 'orders',
  baseUrl: upstream.url,
  retry: {
    maxAttempts: 4, // the first one included
    backoff: { baseDelayMs: 50, maxDelayMs: 1_000, jitter: 'full' },
    shouldRetry: ({ status }) => (status === 425 ? true : undefined), // undefined keeps the decision
  },
});
// #endregion

// #region decision-log
const { attempts } = await orders.get('/busy'); // a 503 with Retry-After: 1, then a 200
console.log(attempts.map(({ number, status, retry }) => ({ number, status, retry })));
// [{ number: 1, status: 503, retry: { delayMs: 1021.4, source: 'retry-after' } }, { number: 2, status: 200, … }]
// #endregion
const [first] = attempts;
assert.ok(first?.retry && 'delayMs' in first.retry && first.retry.delayMs >= 1_000, 'never early');

// #region idempotency
await orders.post('/orders', { json: { item: 1 }, idempotencyKey: true }); // one key, the same on every attempt
await orders.post('/orders', { json: { item: 2 }, idempotent: true }); // this endpoint may see it twice
const once = await orders.safe.post('/orders', { json: { item: 3 } }); // a plain POST is not sent again
console.log(once.status, once.attempts.at(-1)?.retry); // 502 { refused: 'not-retryable' }
// #endregion
assert.deepEqual([once.ok, once.attempts.length], [false, 1]);
assert.equal([...keys].filter(Boolean).length, 1);

// #region deadline
const startedAt = performance.now();
try {
  await orders.get('/slow', { timeout: { attemptMs: 100 }, deadline: Date.now() + 250 });
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error;
  console.log(error.message); // orders: 2 attempts failed in … ms, last: no answer from http://… within … ms
}
// #endregion
const tookMs = performance.now() - startedAt;
assert.ok(tookMs < 1_000, `the deadline holds for the whole call: ${tookMs} ms`);
await orders.close();
