import { startContestants, warmUp } from '../contestant-children.ts';
import { REFERENCE } from '../contestants/all.ts';
import { startNodeServer } from '../processes/server.ts';
import { race } from '../race.ts';
import { barChart } from '../report/bar-chart.ts';
import { linesOf } from '../report/figures.ts';
import { rankedTable, roundsOf } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const NAMES = [
  REFERENCE,
  'holdfast (got)',
  'axios + axios-retry + opossum',
  'cockatiel + fetch',
  'cockatiel + undici',
  'undici RetryAgent + opossum',
  'undici retry interceptor + opossum',
  'holdfast (undici)',
];
const FEW = [REFERENCE, 'holdfast (got)', 'undici RetryAgent + opossum', 'holdfast (undici)'];
const CONCURRENCY = 50;
const COLUMNS = [
  { title: 'CPU µs/call', key: 'cpuUs', digits: 0 },
  { title: 'calls/s', key: 'perSecond', digits: 0 },
  { title: 'p50 ms', key: 'p50Ms', digits: 2 },
];

/** Every call fails once: 503, then 200. */
export async function retries(bench: Bench): Promise<Section> {
  const { pace } = bench;
  const names = pace.name === 'smoke' ? FEW : pace.names(NAMES, FEW);
  const server = await startNodeServer();
  try {
    const contestants = await startContestants({ names, url: server.url, tuning: 'retry-at-once' });
    try {
      await warmUp(contestants, names, ['flaky'], pace.warmUpMs(5_000));
      const lane = {
        title: 'Every call fails once',
        names,
        rounds: () => pace.rounds(5),
        measure: (name: string) =>
          contestants.slice(
            name,
            'flaky',
            pace.concurrency(CONCURRENCY),
            pace.sliceMs(200),
            pace.sliceMs(150),
          ),
      };
      const samples = (await race([lane], bench)).get(lane) ?? new Map();
      return {
        title: 'Failing calls',
        lines: [
          `Every call is answered with 503 first and with 200 when it is sent again; ${CONCURRENCY} at a time, 1 ms before the retry, no budget; ${roundsOf(samples)}. Ratios are to "${REFERENCE}".`,
          '',
          '![CPU of failing calls](retries.svg)',
          '',
          ...rankedTable(samples, COLUMNS, REFERENCE),
        ],
        charts: {
          'retries.svg': barChart('Failing calls', [
            {
              title: 'Calls that fail once and are sent again',
              unit: 'CPU µs per call',
              lines: linesOf(samples, 'cpuUs', REFERENCE),
            },
          ]),
        },
      };
    } finally {
      await contestants.stop();
    }
  } finally {
    await server.stop();
  }
}
