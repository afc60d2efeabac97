import { type Contestants, startContestants } from '../contestant-children.ts';
import { REFERENCE } from '../contestants/all.ts';
import { type Server, startServer } from '../processes/server.ts';
import { lineChart } from '../report/line-chart.ts';
import { markdownTable, number } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const NAMES = [REFERENCE, 'holdfast (got)', 'holdfast (undici)'];
const CLIENTS = [1, 100, 10_000];
const CONCURRENCY = 50;

interface Crowd {
  readonly name: string;
  /** By the number of clients. */
  readonly cpuUs: readonly number[];
  readonly heapKib: number;
  readonly idlePercent: number;
}

/** One client, a hundred, ten thousand: calls go to one after the other, and then all of them do nothing. */
export async function clients({ pace, onProgress }: Bench): Promise<Section> {
  const counts = [...new Set(CLIENTS.map(count => (count === 1 ? 1 : pace.count(count))))];
  const started: {
    name: string;
    contestants: Contestants;
    server: Server;
    cpuUs: number[];
    heapKib: number;
  }[] = [];
  try {
    for (const name of NAMES) {
      onProgress(name);
      // A server each: the sockets of ten thousand clients are as many as one process may have.
      const server = await startServer();
      const execArgv = ['--expose-gc'];
      const contestants = await startContestants({
        names: [name],
        url: server.url,
        tuning: 'crowd',
        execArgv,
      });
      const entry = { name, contestants, server, cpuUs: [] as number[], heapKib: Number.NaN };
      started.push(entry);
      const load = (ms: number) =>
        contestants.ask(name, { order: 'load', job: 'get', concurrency: CONCURRENCY, ms });
      await load(pace.warmUpMs(4_000));
      for (const count of counts) {
        const { heapKib = Number.NaN } = await contestants.ask(name, { order: 'clients', count });
        entry.heapKib = heapKib;
        // New clients have no connection, and the collections before cost the code that was compiled for speed.
        await contestants.ask(name, { order: 'touch' });
        await load(pace.sliceMs(600));
        const { cpuUs = Number.NaN } = await load(pace.sliceMs(300 + 0.1 * count));
        entry.cpuUs.push(cpuUs);
      }
    }
    onProgress('idle');
    const crowds = await Promise.all(
      started.map(async ({ name, contestants, cpuUs, heapKib }) => {
        const { idlePercent = Number.NaN } = await contestants.ask(name, {
          order: 'idle',
          ms: pace.sliceMs(3_000),
        });
        return { name, cpuUs, heapKib, idlePercent };
      }),
    );
    return sectionOf(counts, crowds);
  } finally {
    for (const { contestants, server } of started) {
      await contestants.stop();
      await server.stop();
    }
  }
}

function sectionOf(counts: readonly number[], crowds: readonly Crowd[]): Section {
  const most = counts.at(-1)?.toLocaleString('en');
  const titles = [
    '',
    ...counts.map(
      count => `CPU µs/call, ${count.toLocaleString('en')} ${count === 1 ? 'client' : 'clients'}`,
    ),
    `heap KiB per client of ${most}`,
    `CPU of ${most} idle clients, % of a core`,
  ];
  const rows = crowds.map(({ name, cpuUs, heapKib, idlePercent }) => [
    name,
    ...cpuUs.map(value => number(value, 0)),
    number(heapKib, 1),
    number(idlePercent, 2),
  ]);
  return {
    title: 'Many clients',
    lines: [
      `Calls go to one client after the other, ${CONCURRENCY} at a time, each client with connections of its own; then all of them do nothing.`,
      '',
      '![CPU per call as clients grow](clients.svg)',
      '',
      ...markdownTable(titles, rows),
    ],
    charts: {
      'clients.svg': lineChart(
        'Cost of a call spread over many clients',
        'clients',
        'CPU µs per call',
        crowds.map(({ name, cpuUs }) => ({
          name,
          points: counts.map((count, index) => [count, cpuUs[index] ?? Number.NaN] as const),
        })),
      ),
    },
  };
}
