import { describe, expect, test } from 'vitest';
import { EventRecorder } from '../support/event-recorder.ts';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

const NOW = Date.UTC(2026, 2, 1, 12, 0, 0);
const httpDate = (ms: number) => new Date(ms).toUTCString();
/** Exactly 70 ms after whatever was asked for. */
const BACKOFF = { backoff: { baseDelayMs: 70, maxDelayMs: 70, jitter: 'none' }, maxAttempts: 2 } as const;

const answering = (status: number, headers: Record<string, string>) => {
  return startServer((_req, res) => {
    if (headers.date === undefined) res.sendDate = false;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    sendJson(res, {}, status);
  });
};

/** What of a call's bytes is still on its way has arrived after a few turns of this process. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
};

const WAITS: [string, number, Record<string, string>, number][] = [
  ['seconds', 503, { 'retry-after': '2' }, 2070],
  ['seconds on a 429', 429, { 'retry-after': '2' }, 2070],
  ['a date of a server without a clock', 503, { 'retry-after': httpDate(NOW + 3000) }, 3070],
  ['a date', 503, { date: httpDate(NOW), 'retry-after': httpDate(NOW + 3000) }, 3070],
  [
    'a date of a fast clock',
    503,
    { date: httpDate(NOW + 3.6e6), 'retry-after': httpDate(NOW + 3.6e6 + 3000) },
    3070,
  ],
  [
    'a date of a slow clock',
    503,
    { date: httpDate(NOW - 3.6e6), 'retry-after': httpDate(NOW - 3.6e6 + 3000) },
    3070,
  ],
  ['a date that is past', 503, { date: httpDate(NOW), 'retry-after': httpDate(NOW - 60_000) }, 70],
  ['0', 503, { 'retry-after': '0' }, 70],
  ['0 on a 429', 429, { 'retry-after': '0' }, 70],
  ['-1', 503, { 'retry-after': '-1' }, 70],
  ['a fraction', 503, { 'retry-after': '1.5' }, 70],
  ['garbage', 503, { 'retry-after': 'soon' }, 70],
  ['nothing', 503, { 'retry-after': '' }, 70],
  ['seconds on a 500, where it means nothing', 500, { 'retry-after': '2' }, 70],
];

describe('Retry-After of', () => {
  test.each(WAITS)('%s is waited for, not a millisecond less', async (_name, status, headers, delayMs) => {
    const clock = new ManualClock({ now: NOW });
    await using server = await answering(status, headers);
    await using client = openClient(server, { clock, retry: BACKOFF });
    const leaks = await watchLeaks([server]);
    const events = EventRecorder.of(client);
    const call = rejectionOf(client.get('/x'));
    const source = delayMs > 70 ? 'retry-after' : 'backoff';
    expect(await events.waitFor('retry:scheduled')).toMatchObject([{ delayMs, source }]);
    await clock.advance(delayMs - 1);
    await settle();
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await call).toMatchObject({ status, attempts: [{}, { retry: { refused: 'attempts-spent' } }] });
    expect(server.requests).toHaveLength(2);
    expect(clock.pending).toBe(0);
    await leaks.verify();
  });

  test.each([
    ['an hour', '3600', 3_600_000],
    ['a row of digits that no timer holds', '99999999999999999999', Number.MAX_SAFE_INTEGER],
    ['the next century', httpDate(NOW + 1e12), 1e12],
  ])('%s ends the call at once and tells its caller', async (_name, value, retryAfterMs) => {
    await using server = await answering(503, { date: httpDate(NOW), 'retry-after': value });
    await using client = openClient(server);
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'retry-after-too-long' } }] });
    expect((error as { retryAfterMs: number }).retryAfterMs).toBe(retryAfterMs);
    expect(server.requests).toHaveLength(1);
    await leaks.verify();
  });

  test('more than the call has left ends it at once', async () => {
    await using server = await answering(503, { 'retry-after': '2' });
    await using client = openClient(server, { timeout: { totalMs: 1500, attemptMs: 1500 } });
    const leaks = await watchLeaks([server]);
    const error = await rejectionOf(client.get('/x'));
    expect(error).toMatchObject({ status: 503, attempts: [{ retry: { refused: 'deadline-too-near' } }] });
    expect(server.requests).toHaveLength(1);
    await leaks.verify();
  });

  test('24 days, where that is allowed, overflows no timer', async () => {
    const days = String(Math.floor(2 ** 31 / 1000));
    await using server = await answering(503, { 'retry-after': days });
    await using client = openClient(server, {
      timeout: { totalMs: false },
      retry: {
        maxRetryAfterMs: 2 ** 31 - 1,
        maxAttempts: 10,
        backoff: { baseDelayMs: 5000, maxDelayMs: 5000, jitter: 'none' },
      },
    });
    const leaks = await watchLeaks([server]);
    const events = EventRecorder.of(client);
    const controller = new AbortController();
    const call = rejectionOf(client.get('/x', { signal: controller.signal }));
    await events.waitFor('retry:scheduled');
    // A timer that overflowed would fire within a millisecond, over and over.
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(server.requests).toHaveLength(1);
    controller.abort('enough');
    expect(await call).toBe('enough');
    await leaks.verify([controller.signal]);
  });

  test('0, again and again, is no hot loop', async () => {
    await using server = await answering(503, { 'retry-after': '0' });
    await using client = openClient(server, {
      retry: { maxAttempts: 4, backoff: { baseDelayMs: 10, maxDelayMs: 100, jitter: 'none' } },
    });
    const error = await rejectionOf(client.get('/x'));
    const delays = (error as { attempts: { retry: { delayMs: number } }[] }).attempts.map(
      ({ retry }) => retry.delayMs,
    );
    expect(delays).toEqual([10, 20, 40, undefined]);
    expect(server.requests).toHaveLength(4);
  });

  test('2 seconds is no leave to send a POST twice', async () => {
    await using server = await answering(503, { 'retry-after': '2' });
    await using client = openClient(server);
    const error = await rejectionOf(client.post('/x'));
    expect(error).toMatchObject({ retryAfterMs: 2000, attempts: [{ retry: { refused: 'not-retryable' } }] });
    expect(server.requests).toHaveLength(1);
  });
});
