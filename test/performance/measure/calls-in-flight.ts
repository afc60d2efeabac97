import { once } from 'node:events';
import { get } from 'node:http';
import { ServiceClient, type ServiceClientOptions } from '../../../src/index.ts';
import { undiciTransport } from '../../../src/undici/index.ts';
import { heldTransport } from './instant-transport.ts';
import { load } from './load.ts';
import { heapInUse } from './memory.ts';
import { startServer } from './start-server.ts';

/** KB of heap for each of 5,000 calls while they are in flight, and once they have ended. */
interface Held {
  inFlight: number;
  ended: number;
}

const CALLS = 5000;

async function held(
  transport: ServiceClientOptions['transport'],
  release: (url: string) => unknown,
): Promise<Held> {
  const url = await startServer();
  const client = new ServiceClient({
    name: 'users',
    baseUrl: url,
    transport,
    pool: { maxSockets: 100 },
    bulkhead: { maxConcurrent: CALLS },
    timeout: { attemptMs: 60_000, totalMs: 60_000 },
  });
  await load(() => client.get('/'), 200);
  const start = await heapInUse();
  const calls = Array.from({ length: CALLS }, () => client.get('/held'));
  const inFlight = await heapInUse();
  await release(url);
  const answers = await Promise.all(calls.splice(0));
  answers.length = 0;
  const ended = await heapInUse();
  await client.close();
  const each = (heap: number) => (heap - start) / CALLS / 1024;
  return { inFlight: each(inFlight), ended: each(ended) };
}

async function releaseServer(url: string): Promise<void> {
  const [message] = await once(get(`${url}/release`), 'response');
  message.resume();
}

const holding = heldTransport();
process.send?.({
  pipeline: await held(holding.transport, holding.release),
  overGot: await held(undefined, releaseServer),
  overUndici: await held(undiciTransport(), releaseServer),
});
