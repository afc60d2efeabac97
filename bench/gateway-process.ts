import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { GATEWAYS } from './gateways.ts';

/** One gateway in a process of its own; tells what it has used since it was last asked. */
const [name = '', upstream = ''] = process.argv.slice(2);
const make = GATEWAYS[name];
if (make === undefined) throw new Error(`no gateway "${name}"`);
const server = await make(upstream);
server.listen(0, '127.0.0.1');
await once(server, 'listening');

let peakRss = 0;
setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}, 20).unref();
let before = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpuUs: user + system, peakRss });
  before = process.cpuUsage();
  peakRss = 0;
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: (server.address() as AddressInfo).port });
