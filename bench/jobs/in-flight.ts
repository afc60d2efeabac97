import { startContestants, warmUp } from '../contestant-children.ts';
import { REFERENCE } from '../contestants/all.ts';
import { startServer } from '../processes/server.ts';
import { race } from '../race.ts';
import { figure } from '../report/figures.ts';
import { lineChart } from '../report/line-chart.ts';
import { markdownTable, number } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const NAMES = ['node:http', REFERENCE, 'holdfast (got)', 'undici.request', 'holdfast (undici)'];
const IN_FLIGHT = [1, 10, 100, 1_000, 5_000];

/** What a call costs while more and more are in flight. */
export async function inFlight(bench: Bench): Promise<Section> {
  const { pace } = bench;
  const counts = [...new Set(IN_FLIGHT.map(count => pace.concurrency(count)))];
  const server = await startServer();
  try {
    const contestants = await startContestants({ names: NAMES, url: server.url, tuning: 'crowd' });
    try {
      await warmUp(contestants, NAMES, ['get'], pace.warmUpMs(6_000));
      const lanes = counts.map(count => ({
        title: String(count),
        count,
        names: NAMES,
        rounds: () => pace.rounds(3),
        measure: (name: string) =>
          contestants.slice(name, 'get', count, pace.sliceMs(150), pace.sliceMs(100)),
      }));
      const results = [...(await race(lanes, bench))];
      const rows = NAMES.map(name => [
        name,
        ...results.map(([, samples]) => number(figure(samples, name, 'cpuUs'), 0)),
      ]);
      return {
        title: 'More and more calls in flight',
        lines: [
          'CPU µs per GET while so many are in flight, each on a socket of its own:',
          '',
          '![CPU per call as calls in flight grow](in-flight.svg)',
          '',
          ...markdownTable(['', ...counts.map(count => count.toLocaleString('en'))], rows),
        ],
        charts: {
          'in-flight.svg': lineChart(
            'Cost of a call while others are in flight',
            'calls in flight',
            'CPU µs per call',
            NAMES.map(name => ({
              name,
              points: results.map(([{ count }, samples]) => [count, figure(samples, name, 'cpuUs')] as const),
            })),
          ),
        },
      };
    } finally {
      await contestants.stop();
    }
  } finally {
    await server.stop();
  }
}
