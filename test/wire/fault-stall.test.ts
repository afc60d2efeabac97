import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EventRecorder } from '../support/event-recorder.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { openClient } from './open-client.ts';

const CALLS = 20;
const STALL_MS = 1500;
const NO_TIME = { connectMs: 100, attemptMs: 200, totalMs: 400 };
const TOUCHY = { minThroughput: 2, failureRatio: 0.3 };

/** In a process of its own, so that it goes on while ours stands still. Answers after 50 ms, or 250; tells its count under /count. */
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
    } else setTimeout(() => res.end('ok'), req.url === '/slow' ? 250 : 50);
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

const realLookup = dns.lookup;

afterEach(() => {
  dns.lookup = realLookup;
});

/**
 * Names are found only after the event loop has stood still, which it does once all calls have asked: by then each has
 * a socket, its limits run, and nothing has been sent.
 */
function stallAtLookup(stallMs: number): void {
  const waiting: (() => void)[] = [];
  const lookup = (_name: string, _options: unknown, callback: (...found: unknown[]) => void) => {
    waiting.push(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    if (waiting.length > CALLS) waiting.at(-1)?.();
    if (waiting.length !== CALLS) return;
    setImmediate(() => {
      stall(stallMs);
      for (const found of waiting) found();
    });
  };
  Object.assign(dns, { lookup });
}

describe('an event loop that stands still for 1.5 s after issuing 20 calls opens no circuit', () => {
  test.each([
    ['the attempt time was over long ago', { attemptMs: 1000 }, STALL_MS],
    ['the attempt time was over just now', { attemptMs: STALL_MS - 40, totalMs: 10_000 }, STALL_MS],
    ['the connect time was over long ago', { connectMs: 500, attemptMs: 5000 }, 900],
    ['the connect time was over just now', { connectMs: 860, attemptMs: 5000 }, 900],
    ['all time was over', NO_TIME, 600],
  ])('when %s', async (_name, timeout, stallMs) => {
    const url = elsewhere.url.replace('127.0.0.1', 'elsewhere.test');
    await using client = openClient(url, { timeout, circuitBreaker: TOUCHY });
    const events = EventRecorder.of(client, ['circuit:open']);
    const leaks = await watchLeaks();
    stallAtLookup(stallMs);
    const results = await Promise.all(Array.from({ length: CALLS }, () => client.safe.get('/slow')));
    expect(client.health().endpoints[0]).toMatchObject({ circuit: 'closed', inFlight: 0 });
    expect(events.all).toEqual([]);
    // With time left, what our own stall ended is made good.
    if (timeout !== NO_TIME) expect(results.filter(({ ok }) => !ok)).toEqual([]);
    await leaks.verify();
  });

  test('when POSTs had been sent, which are not sent twice', async () => {
    await using client = openClient(elsewhere.url, { timeout: { attemptMs: 1000 }, circuitBreaker: TOUCHY });
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
