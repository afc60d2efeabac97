import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { deadlineFrom, runInContext, ServiceClient } from 'holdfast';
import { pino } from 'pino';
import { sendJson, startUpstream } from './upstream.ts';

const ids: unknown[] = [];
await using upstream = await startUpstream((req, res, nth) => {
  ids.push(req.headers['x-request-id']);
  sendJson(res, nth === 1 ? 503 : 200, {});
});
const lines: string[] = [];
const destination = {
  write(line: string) {
    lines.push(line);
    process.stdout.write(line);
  },
};

// #region logger
const logger = pino({ level: 'debug', base: undefined }, destination);
const users = new ServiceClient({ name: 'users', baseUrl: upstream.url, logger });
// #endregion

// #region events
const stop = users.on('retry:scheduled', ({ attempt, delayMs, source, reason }) => {
  console.log(`attempt ${attempt} failed, next in ${delayMs.toFixed()} ms (${source}): ${reason}`);
});
// #endregion
const channelled: string[] = [];
// #region channel
channel('holdfast:call:end').subscribe(event => {
  const { service, outcome } = event as { service: string; outcome: string };
  channelled.push(`${service} ${outcome}`);
});
// #endregion

await using gateway = await startUpstream(async (req, res) => {
  // #region context
  const requestId = String(req.headers['x-request-id'] ?? crypto.randomUUID());
  const result = await runInContext(
    { requestId, jobId: 'job-7', deadline: deadlineFrom(req) },
    () => users.safe.get('/users/7'), // and whatever else is called in here, however deep
  );
  // #endregion
  sendJson(res, result.status, { ok: result.ok });
});
await fetch(gateway.url, { headers: { 'x-request-id': 'req-1' } });

assert.deepEqual(ids, ['req-1', 'req-1'], 'sent with every attempt');
assert.ok(lines.some(line => line.includes('retrying GET') && line.includes('req-1')));
assert.deepEqual(channelled, ['users success']);
stop();
await users.close();
