import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { GATEWAYS } from '../contestants/gateways.ts';
import { answerOrders } from './answer-orders.ts';
import { startCpu } from './cpu.ts';
import { watchPeakMemory } from './peak-memory.ts';

/** One gateway in a process of its own; tells what it has used since it was last asked. */
const [name = '', upstream = ''] = process.argv.slice(2);
const make = GATEWAYS[name];
if (make === undefined) throw new Error(`no gateway "${name}"`);
const server = await make(upstream);
server.listen(0, '127.0.0.1', 4_096);
await once(server, 'listening');

const peak = watchPeakMemory();
let used = startCpu();
answerOrders(
  async () => {
    const usage = { cpuUs: used(), peakMiB: peak.take() };
    used = startCpu();
    return usage;
  },
  { port: (server.address() as AddressInfo).port },
);
