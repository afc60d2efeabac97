import { startContestants, warmUp } from '../contestant-children.ts';
import { CALLERS, REFERENCE, SPREADING } from '../contestants/all.ts';
import { STREAMERS } from '../contestants/streams.ts';
import { fewAtATime } from '../few-at-a-time.ts';
import type { Pace } from '../pace.ts';
import { Child } from '../processes/child.ts';
import { startNodeServer, startServer } from '../processes/server.ts';
import type { StreamOrder } from '../processes/stream-process.ts';
import { barChart, type Panel } from '../report/bar-chart.ts';
import { markdownTable, number, ours } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

/** Figures by contestant. */
type Weights = ReadonlyMap<string, Readonly<Record<string, number>>>;

const STACKS = Object.keys(CALLERS).filter(
  name => (name.includes('+') || ours(name)) && !name.includes('fetch') && !name.startsWith('ky'),
);
const HELD = [
  'node:http',
  'got',
  REFERENCE,
  'holdfast (got)',
  'fetch',
  'undici.request',
  'cockatiel + undici',
  'holdfast (undici)',
];
const FEW = [REFERENCE, 'got.stream', 'holdfast (got)', 'holdfast (undici)'];
const ALLOCATED = [
  ...HELD,
  'got.stream, read by hand',
  'holdfast (got), everything on',
  'holdfast (undici), everything on',
];

const LEAST = ['holdfast (got)', 'holdfast (undici)'];

function present(pace: Pace, names: readonly string[]): readonly string[] {
  if (pace.name === 'full') return names;
  const few = pace.name === 'quick' ? FEW : LEAST;
  return names.filter(name => few.includes(name) || name in SPREADING);
}

/** Room for everything that is allocated while it is counted. */
const NO_COLLECTION = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
const AT_ONCE = 2;

/** What a call allocates; what a client, a call in flight and a paused stream hold on to. */
export async function memory({ pace, onProgress }: Bench): Promise<Section> {
  onProgress('allocations');
  const allocated = await allocations(pace);
  onProgress('clients');
  const clients = await ofClients(pace);
  onProgress('calls in flight');
  const held = await ofCallsInFlight(pace);
  onProgress('paused streams');
  const paused = await ofPausedStreams(pace);
  return {
    title: 'Memory',
    lines: [
      '![Memory of calls, clients and streams](memory.svg)',
      '',
      '### Allocated per GET',
      '',
      'Heap that one GET of 300 B uses up, at 50 at a time, counted where nothing was collected meanwhile.',
      '',
      ...table(allocated, { heapKib: 'KiB' }),
      '### Held by a client',
      '',
      'Heap and buffers of a client that has been called, without its connections; and by how much three endpoints raise it, for each further one.',
      '',
      ...table(withFurtherEndpoints(clients), { heapKib: 'KiB', furtherKib: 'KiB per further endpoint' }),
      '### Held by a call in flight',
      '',
      'Heap and buffers of a GET that waits for its answer, socket included.',
      '',
      ...table(held, { heapKib: 'KiB' }),
      '### Held by a paused stream',
      '',
      'A body of 4 MiB that nobody reads: heap and buffers, memory of the process, and what is left of the heap after it was dropped.',
      '',
      ...table(paused, { heapKib: 'heap KiB', rssKib: 'RSS KiB', keptKib: 'left KiB' }),
    ],
    charts: {
      'memory.svg': barChart('Memory', [
        panel('Allocated per GET', 'KiB', allocated, 'heapKib'),
        panel('Held by a client that has been called', 'KiB', clients, 'heapKib'),
        panel('Held by a call in flight', 'KiB', held, 'heapKib'),
        panel('Held by a paused stream', 'RSS, KiB', paused, 'rssKib'),
      ]),
    },
  };
}

async function allocations(pace: Pace): Promise<Weights> {
  const names = present(pace, ALLOCATED);
  const server = await startServer();
  try {
    const contestants = await startContestants({
      names,
      url: server.url,
      execArgv: NO_COLLECTION,
    });
    try {
      await warmUp(contestants, names, ['get'], pace.warmUpMs(3_000));
      return await weigh(names, name =>
        contestants.ask(name, { order: 'allocate', job: 'get', concurrency: 50, calls: pace.count(500) }),
      );
    } finally {
      await contestants.stop();
    }
  } finally {
    await server.stop();
  }
}

async function ofClients(pace: Pace): Promise<Weights> {
  const names = present(pace, [...STACKS, ...Object.keys(SPREADING)]);
  const server = await startNodeServer();
  try {
    const { url } = server;
    const contestants = await startContestants({ names, url, execArgv: ['--expose-gc'] });
    try {
      await weigh(names, name => contestants.ask(name, { order: 'used-clients', count: pace.count(20) }));
      return await weigh(names, name =>
        contestants.ask(name, { order: 'used-clients', count: pace.count(500) }),
      );
    } finally {
      await contestants.stop();
    }
  } finally {
    await server.stop();
  }
}

async function ofCallsInFlight(pace: Pace): Promise<Weights> {
  const names = present(pace, HELD);
  const calls = pace.count(1_000);
  const server = await startNodeServer();
  try {
    const { url } = server;
    const execArgv = ['--expose-gc'];
    const contestants = await startContestants({ names, url, tuning: 'crowd', execArgv });
    try {
      // One after the other: the server counts who waits.
      return await weigh(
        names,
        async name => {
          await contestants.ask(name, { order: 'load', job: 'get', concurrency: 50, ms: pace.sliceMs(200) });
          await contestants.ask(name, { order: 'hold', calls });
          await server.waiting(calls);
          const weight = await contestants.ask(name, { order: 'weigh' });
          await server.release();
          await contestants.ask(name, { order: 'release' });
          return weight;
        },
        1,
      );
    } finally {
      await contestants.stop();
    }
  } finally {
    await server.stop();
  }
}

async function ofPausedStreams(pace: Pace): Promise<Weights> {
  const names = present(
    pace,
    Object.keys(STREAMERS).filter(name => name !== 'undici.stream'),
  );
  const server = await startNodeServer();
  try {
    return await weigh(names, async name => {
      const child = new Child('./stream-process.ts', [name, server.url], ['--expose-gc']);
      try {
        await child.ready;
        const order = (streams: number, settleMs: number): StreamOrder => ({
          order: 'pause',
          streams,
          bytes: 4 * 2 ** 20,
          settleMs,
        });
        await child.ask(order(2, 50));
        return await child.ask<Record<string, number>>(order(pace.count(1_000), pace.sliceMs(800)));
      } finally {
        await child.stop();
      }
    });
  } finally {
    await server.stop();
  }
}

async function weigh(
  names: readonly string[],
  ask: (name: string) => Promise<Readonly<Record<string, number>>>,
  atOnce = AT_ONCE,
): Promise<Weights> {
  const weights = await fewAtATime(names, atOnce, ask);
  return new Map(names.map((name, index) => [name, weights[index] ?? {}]));
}

/** The difference that two more endpoints make, halved, beside the client with one. */
function withFurtherEndpoints(clients: Weights): Weights {
  return new Map(
    [...clients]
      .filter(([name]) => !(name in SPREADING))
      .map(([name, weights]) => {
        const three = clients.get(`${name}, three endpoints`)?.heapKib ?? Number.NaN;
        return [name, { ...weights, furtherKib: (three - (weights.heapKib ?? Number.NaN)) / 2 }];
      }),
  );
}

const byWeight = (weights: Weights, key: string) =>
  [...weights].sort(([, a], [, b]) => (a[key] ?? Number.NaN) - (b[key] ?? Number.NaN));

function table(weights: Weights, columns: Readonly<Record<string, string>>): readonly string[] {
  const [main = ''] = Object.keys(columns);
  const rows = byWeight(weights, main).map(([name, weight]) => [
    ours(name) ? `**${name}**` : name,
    ...Object.keys(columns).map(key => number(weight[key] ?? Number.NaN, 1)),
  ]);
  return markdownTable(['', ...Object.values(columns)], rows);
}

const NO_RATIO = { low: Number.NaN, middle: Number.NaN, high: Number.NaN };

function panel(title: string, unit: string, weights: Weights, key: string): Panel {
  const lines = byWeight(weights, key)
    .filter(([name]) => !(name in SPREADING))
    .map(([name, weight]) => ({ name, value: weight[key] ?? Number.NaN, ratio: NO_RATIO }));
  return { title, unit, lines };
}
