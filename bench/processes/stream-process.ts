import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMERS } from '../contestants/streams.ts';
import { answerOrders } from './answer-orders.ts';
import { startCpu } from './cpu.ts';
import { memory } from './memory.ts';
import { watchPeakMemory } from './peak-memory.ts';

/** One streamer in a process of its own. */
export type StreamOrder =
  | { readonly order: 'download'; readonly bytes: number }
  | { readonly order: 'pause'; readonly streams: number; readonly bytes: number; readonly settleMs: number };

const [name = '', url = ''] = process.argv.slice(2);
const make = STREAMERS[name];
if (make === undefined) throw new Error(`no streamer "${name}"`);
const streamer = make(url);
const peak = watchPeakMemory();

/** A body into a sink that counts. */
async function download(bytes: number) {
  let arrived = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      arrived += chunk.length;
      done();
    },
  });
  peak.take();
  const used = startCpu();
  await streamer.download(`/big?bytes=${bytes}`, sink);
  if (arrived !== bytes) throw new Error(`${arrived} bytes of ${bytes} arrived`);
  return { cpuPerGib: (used() / 1e6) * (2 ** 30 / bytes), peakMiB: peak.take() };
}

/** Many bodies that nobody reads, until nothing more comes in; then all are dropped. */
async function pause(streams: number, bytes: number, settleMs: number) {
  const { open } = streamer;
  if (open === undefined) throw new Error('cannot be paused');
  const before = await memory();
  const bodies = await Promise.all(Array.from({ length: streams }, () => open(`/big?bytes=${bytes}`)));
  await sleep(settleMs);
  const paused = await memory();
  await Promise.all(
    bodies.splice(0).map(async body => {
      body.on('error', () => {});
      const closed = new Promise(resolve => (body.closed ? resolve(undefined) : body.once('close', resolve)));
      body.destroy();
      await closed;
    }),
  );
  await sleep(settleMs);
  const after = await memory();
  const kib = (more: number) => more / streams / 1_024;
  return {
    heapKib: kib(paused.heapBytes - before.heapBytes),
    rssKib: kib(paused.rssBytes - before.rssBytes),
    keptKib: kib(after.heapBytes - before.heapBytes),
  };
}

answerOrders<StreamOrder>(async order => {
  if (order.order === 'download') return download(order.bytes);
  return pause(order.streams, order.bytes, order.settleMs);
}, 'ready');
