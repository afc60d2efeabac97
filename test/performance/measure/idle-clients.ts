import { ServiceClient } from '../../../src/index.ts';
import { undiciTransport } from '../../../src/undici/index.ts';
import { activity } from './activity.ts';
import { instantTransport } from './instant-transport.ts';
import { startServer } from './start-server.ts';

const MANY = 10_000;
const CONNECTED = 20;

const baseUrl = await startServer();
const open = (transport?: ReturnType<typeof instantTransport>) =>
  new ServiceClient({ name: 'users', baseUrl, transport });

// What the first of them sets up for all is not to be counted.
const first = [open(), open(undiciTransport()), open(instantTransport())];
for (const client of first) await client.get('/last');
const empty = await activity();

const instant = instantTransport();
const clients = Array.from({ length: MANY }, () => open(instant));
const fresh = await activity();

for (const client of clients) await client.get('/');
const used = await activity();

const keeping = async (transport?: ReturnType<typeof instantTransport>) => {
  const connected = Array.from({ length: CONNECTED }, () => open(transport));
  for (const client of connected) await client.get('/');
  const found = await activity();
  for (const client of connected) await client.close();
  return found;
};
const keptByGot = await keeping();
const keptByUndici = await keeping(undiciTransport());
const closed = await activity();

process.send?.({ connections: CONNECTED, empty, fresh, used, keptByGot, keptByUndici, closed });
