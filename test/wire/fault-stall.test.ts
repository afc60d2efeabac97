import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventRecorder } from '../support/event-recorder.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { openClient } from './open-client.ts';

const CALLS = 20;
const STALL_MS = 1500;
const NO_TIME = { connectMs: 100, attemptMs: 200, totalMs: 400 };
const TOUCHY = { minThroughput: 2, failureRatio: 0.3 };

/** In a process of its own, so that it goes on while ours stands still. Answers after 50 ms; tells its count under /count. */
const SERVER = `
  let count = 0;
  const server = require('node:http').createServer((req, res) => {
    if (req.url === '/count') return res.end(String(count));
    count++;
    if (req.url === '/drip') {
      res.writeHead(200, { 'content-length': 6 });
      let sent = 0;
      const timer = setInterval(() => {
        res.write('x');
        if (++sent === 6) { clearInterval(timer); res.end(); }
      }, 50);
    } else setTimeout(() => res.end('ok'), 50);
  });
  server.keepAliveTimeout = 60000;
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const elsewhere = {
  child: undefined as ReturnType<typeof spawn> | undefined,
  url: '',
};

beforeAll(async () => {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(child.stdout, 'data');
  Object.assign(elsewhere, { child, url: `http://127.0.0.1:${Number(printed)}` });
});

afterAll(() => {
  elsewhere.child?.kill();
});

async function requestsSeen(): Promise<number> {
  return Number(await (await fetch(`${elsewhere.url}/count`, { headers: { connection: 'close' } })).text());
}

/** Stops the event loop for good, until it goes on. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    // Busy: no I/O, no timer, no promise.
  }
}

/** A turn of the event loop in which I/O takes place. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

describe('an event loop that stands still for 1.5 s after issuing 20 calls opens no circuit', () => {
  test.each([
    ['the attempt time was over long ago', { attemptMs: 500 }, 0, STALL_MS],
    ['the attempt time was over just now', { attemptMs: STALL_MS - 40, totalMs: 10_000 }, 3, STALL_MS],
    ['or less, and the attempt time has not begun', { attemptMs: 500 }, 0, 540],
    ['or less, and the connect time was over long ago', { connectMs: 200, attemptMs: 5000 }, 1, 600],
    ['or less, and the connect time was over just now', { connectMs: 500, attemptMs: 5000 }, 1, 540],
    ['or less, and all time was over', NO_TIME, 1, 600],
  ])('when %s', async (_name, timeout, turns, stallMs) => {
    await using client = openClient(elsewhere.url, { timeout, circuitBreaker: TOUCHY });
    const events = EventRecorder.of(client, ['circuit:open']);
    const leaks = await watchLeaks();
    const calls = Promise.all(Array.from({ length: CALLS }, () => client.safe.get('/x')));
    for (let count = 0; count < turns; count++) await turn();
    stall(stallMs);
    const results = await calls;
    expect(client.health().endpoints[0]).toMatchObject({ circuit: 'closed', inFlight: 0 });
    expect(events.all).toEqual([]);
    // With time left, what our own stall ended is made good.
    if (timeout !== NO_TIME) expect(results.filter(({ ok }) => !ok)).toEqual([]);
    await leaks.verify();
  });

  test('when POSTs had been sent, which are not sent twice', async () => {
    await using client = openClient(elsewhere.url, { timeout: { attemptMs: 500 }, circuitBreaker: TOUCHY });
    const leaks = await watchLeaks();
    await Promise.all(Array.from({ length: CALLS }, () => client.get('/warm')));
    const before = await requestsSeen();
    const calls = Promise.all(Array.from({ length: CALLS }, () => client.safe.post('/x')));
    for (let count = 0; count < 3; count++) await turn();
    stall(STALL_MS);
    const results = await calls;
    expect((await requestsSeen()) - before).toBe(CALLS);
    // Their answers came while we stood still: they are read before any limit is judged.
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(client.health().endpoints[0]?.circuit).toBe('closed');
    await leaks.verify();
  });

  test('when bodies were on their way, which arrive whole', async () => {
    await using client = openClient(elsewhere.url, {
      timeout: { idleMs: 300, attemptMs: 5000 },
      circuitBreaker: TOUCHY,
    });
    const leaks = await watchLeaks();
    const bodies = Array.from({ length: CALLS }, async () =>
      (await client.stream('GET', '/drip')).body.toArray(),
    );
    const read = Promise.allSettled(bodies);
    await new Promise(resolve => setTimeout(resolve, 120));
    stall(600);
    expect((await read).filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(client.health().endpoints[0]?.circuit).toBe('closed');
    await leaks.verify();
  });
});
