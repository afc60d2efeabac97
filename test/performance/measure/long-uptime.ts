import { OpossumWindow } from '../../../src/breaker/opossum-window.ts';
import { ServiceClient } from '../../../src/index.ts';
import type { Clock } from '../../../src/time/clock.ts';
import type { Reply } from '../../../src/transport/transport.ts';
import { load } from './load.ts';
import { heapInUse } from './memory.ts';

/** Bytes of heap for each of many calls that a client has made over days, all of them ended: successes, failures, retries, refusals. */
const SOON = 10_000;
const LATER = 40_000;
const CALL_EVERY_MS = 2_000;

let now = 0;
const clock: Clock = {
  now: () => now,
  monotonic: () => now,
  // Waits pass at once; a limit is cleared long before.
  setTimeout(fn, ms) {
    const handle = setImmediate(() => {
      now += ms;
      fn();
    });
    return { clear: () => clearImmediate(handle) };
  },
};

let calls = 0;
const body: Reply['body'] = {
  bytes: async () => Buffer.from('{}'),
  stream: () => {
    throw new Error('only buffered calls are measured');
  },
  discard: () => {},
  trailers: () => undefined,
};
const client = new ServiceClient({
  name: 'users',
  endpoints: ['http://one.test', 'http://two.test', 'http://three.test'],
  clock,
  timeout: { attemptMs: false, totalMs: false },
  transport: {
    open: () => ({
      send: async () => {
        now += CALL_EVERY_MS;
        const status = ++calls % 3 === 0 || calls % 1000 < 100 ? 503 : 200;
        return {
          status,
          headers: { 'content-type': 'application/json', deprecation: '@1', sunset: `${calls}` },
          body,
        };
      },
      close: () => {},
    }),
  },
});
client.on('call:deprecated', () => {});
const call = () =>
  client.safe.get(`/users/${calls}`, { route: `/route-${calls % 2000}`, context: { requestId: `${calls}` } });

await load(call, SOON);
const soon = await heapInUse();
await load(call, LATER);
const later = await heapInUse();

/** However many outcomes fall into a circuit's window, it only counts them. */
const OUTCOMES = 300_000;
const window = new OpossumWindow({ failureRatio: 1, minThroughput: 20, windowMs: 30_000 }, now);
const count = async () => window.report(false, now);
await load(count, 10_000);
const empty = await heapInUse();
await load(count, OUTCOMES);
const full = await heapInUse();
window.shutdown();

process.send?.({
  calls,
  grownBytesPerCall: (later - soon) / LATER,
  grownBytesPerOutcome: (full - empty) / OUTCOMES,
});
