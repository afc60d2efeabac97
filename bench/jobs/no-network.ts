import { startContestants, warmUp } from '../contestant-children.ts';
import { ANSWERED_AT_ONCE, REFUSALS } from '../contestants/local.ts';
import { race } from '../race.ts';
import { barChart } from '../report/bar-chart.ts';
import { linesOf } from '../report/figures.ts';
import { rankedTable, roundsOf } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const COLUMNS = [{ title: 'CPU µs/call', key: 'cpuUs', digits: 2 }];

/** Nothing answers there, and nothing is asked. */
const NOWHERE = 'http://127.0.0.1:9';

const KINDS = [
  { title: 'Refused by an open circuit', names: Object.keys(REFUSALS), reference: 'opossum, open' },
  {
    title: 'Answered at once',
    names: Object.keys(ANSWERED_AT_ONCE),
    reference: 'p-retry + opossum, answered at once',
  },
];

/** What the layers around a request cost by themselves. */
export async function noNetwork(bench: Bench): Promise<Section> {
  const { pace } = bench;
  const names = KINDS.flatMap(kind => kind.names);
  const contestants = await startContestants({ names, url: NOWHERE });
  try {
    await warmUp(contestants, names, ['get'], pace.warmUpMs(3_000));
    const lanes = KINDS.map(kind => ({
      ...kind,
      rounds: () => pace.rounds(9),
      measure: (name: string) => contestants.slice(name, 'get', 1, pace.sliceMs(100), pace.sliceMs(100)),
    }));
    const results = [...(await race(lanes, bench))];
    return {
      title: 'Without a network',
      lines: [
        'Refusals, errors included; and calls to a transport that has the answer (300 B of JSON, parsed each time) at hand.',
        '',
        '![CPU without a network](no-network.svg)',
        '',
        ...results.flatMap(([{ title, reference }, samples]) => [
          `### ${title}`,
          '',
          `${roundsOf(samples)}. Ratios are to "${reference}".`,
          '',
          ...rankedTable(samples, COLUMNS, reference),
        ]),
      ],
      charts: {
        'no-network.svg': barChart(
          'Without a network',
          results.map(([{ title, reference }, samples]) => ({
            title,
            unit: 'CPU µs per call',
            lines: linesOf(samples, 'cpuUs', reference),
          })),
        ),
      },
    };
  } finally {
    await contestants.stop();
  }
}
