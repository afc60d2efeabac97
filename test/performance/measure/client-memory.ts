import { ServiceClient } from '../../../src/index.ts';
import type { TransportFactory } from '../../../src/transport/transport.ts';
import { undiciTransport } from '../../../src/undici/index.ts';
import { instantTransport } from './instant-transport.ts';
import { heapInUse } from './memory.ts';
import { startServer } from './start-server.ts';

/** KB of heap that a client holds: fresh, after calls, and once it is closed and forgotten. */
interface Held {
  fresh: number;
  used: number;
  closed: number;
}

const MANY = 1000;

const { port } = new URL(await startServer());
const instant = instantTransport();

/** The server closes these connections: what is measured is the client, not its sockets. */
async function use(client: ServiceClient, endpoints: number): Promise<void> {
  for (let call = 0; call < 2 * endpoints; call++) await client.get('/last');
}

async function held(count: number, endpoints: number, transport?: TransportFactory): Promise<Held> {
  const urls = Array.from({ length: endpoints }, (_, index) => `http://127.0.0.${index + 1}:${port}`);
  const options = { endpoints: urls, loadBalancing: { strategy: 'round-robin' }, transport } as const;
  const open = () => new ServiceClient({ name: 'users', ...options });
  const start = await heapInUse();
  const clients = Array.from({ length: count }, open);
  const fresh = await heapInUse();
  for (const client of clients) await use(client, endpoints);
  const used = await heapInUse();
  for (const client of clients) await client.close();
  clients.length = 0;
  const closed = await heapInUse();
  const each = (heap: number) => (heap - start) / count / 1024;
  return { fresh: each(fresh), used: each(used), closed: each(closed) };
}

// What is made once, such as the code itself, is not to be counted.
for (const transport of [instant, undefined, undiciTransport()]) await held(100, 1, transport);

process.send?.({
  one: await held(MANY, 1, instant),
  five: await held(MANY, 5, instant),
  overGot: await held(200, 1),
  overUndici: await held(200, 1, undiciTransport()),
});
