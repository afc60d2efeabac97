import { type Contestants, startContestants, warmUp } from '../contestant-children.ts';
import { CALLERS, PAIRS, REFERENCE } from '../contestants/all.ts';
import type { Job as CallKind } from '../processes/contestant-process.ts';
import { type Server, startServer, verifyReuse } from '../processes/server.ts';
import { type Lane, race, type Samples } from '../race.ts';
import { barChart } from '../report/bar-chart.ts';
import { linesOf, ratio } from '../report/figures.ts';
import { markdownTable, rankedTable, roundsOf, times } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const FEW = ['node:http', 'undici.request', 'got', REFERENCE, 'holdfast (got)', 'holdfast (undici)'];

/** Those whose figures are claims have more rounds. */
const CLAIMED = [REFERENCE, 'holdfast (got)', 'undici.request', 'holdfast (undici)'];

const COLUMNS = [
  { title: 'CPU µs/call', key: 'cpuUs', digits: 0 },
  { title: 'calls/s', key: 'perSecond', digits: 0 },
  { title: 'p50 ms', key: 'p50Ms', digits: 2 },
  { title: 'p99 ms', key: 'p99Ms', digits: 2 },
];

interface Load {
  readonly job: CallKind;
  readonly concurrency: number;
  readonly ms: number;
  readonly rounds: number;
  readonly claimRounds: number;
}

const LOADS: readonly Load[] = [
  { job: 'get', concurrency: 1, ms: 150, rounds: 9, claimRounds: 21 },
  { job: 'get', concurrency: 50, ms: 150, rounds: 9, claimRounds: 21 },
  { job: 'get', concurrency: 500, ms: 250, rounds: 5, claimRounds: 5 },
  { job: 'post', concurrency: 1, ms: 150, rounds: 4, claimRounds: 9 },
  { job: 'post', concurrency: 50, ms: 150, rounds: 9, claimRounds: 9 },
  { job: 'post', concurrency: 500, ms: 250, rounds: 3, claimRounds: 5 },
];
const WARM_UP_MS = 200;

interface LoadLane extends Lane {
  readonly load: Load;
}
type Results = ReadonlyMap<LoadLane, Samples>;

/** Calls with JSON bodies: everybody, at 1, 50 and 500 at a time. */
export async function calls(bench: Bench): Promise<Section> {
  const { pace, onProgress } = bench;
  const names = pace.names(Object.keys(CALLERS), FEW);
  const server = await startServer();
  try {
    const contestants = await startContestants({ names, url: server.url });
    try {
      onProgress(`warming up, against ${server.software}`);
      await warmUp(contestants, names, ['get', 'post'], pace.warmUpMs(8_000));
      const lanes = LOADS.map(load => laneOf(load, names, contestants, bench));
      const results = await race(lanes, bench);
      await verifyReuse(server);
      return sectionOf(results, server);
    } finally {
      await contestants.stop();
    }
  } finally {
    await server.stop();
  }
}

function laneOf(load: Load, names: readonly string[], contestants: Contestants, { pace }: Bench): LoadLane {
  const { job, concurrency, ms, rounds, claimRounds } = load;
  const what = job === 'get' ? 'GET of 300 B' : 'POST of 1 KB';
  return {
    load,
    title: `${what} JSON, ${concurrency} at a time`,
    names,
    rounds: name => pace.rounds(CLAIMED.includes(name) ? claimRounds : rounds),
    measure: name =>
      contestants.slice(name, job, pace.concurrency(concurrency), pace.sliceMs(ms), pace.sliceMs(WARM_UP_MS)),
  };
}

function sectionOf(results: Results, { software }: Server): Section {
  const chart = (job: CallKind) =>
    barChart(
      `CPU per ${job.toUpperCase()}`,
      [...results]
        .filter(([{ load }]) => load.job === job)
        .map(([{ title }, samples]) => ({
          title,
          unit: 'CPU µs per call',
          lines: linesOf(samples, 'cpuUs', REFERENCE),
        })),
    );
  const tables = [...results].flatMap(([{ title, load }, samples]) => [
    `### ${title}`,
    '',
    ...(load.concurrency === 1 ? [`![${title}](${load.job}.svg)`, ''] : []),
    `${roundsOf(samples)}.`,
    '',
    ...rankedTable(samples, COLUMNS, REFERENCE),
  ]);
  return {
    title: 'Calls',
    lines: [
      `Against ${software}, keep-alive. Ratios are to "${REFERENCE}" in the same round.`,
      '',
      '### Pairs',
      '',
      'CPU per call of the first over that of the second, in the same round:',
      '',
      ...pairs(results),
      ...tables,
    ],
    charts: { 'get.svg': chart('get'), 'post.svg': chart('post') },
  };
}

/** The ratios that the goals are about. */
function pairs(results: Results): readonly string[] {
  const lanes = [...results];
  const titles = ['', ...lanes.map(([{ load }]) => `${load.job.toUpperCase()} ${load.concurrency}`)];
  const rows = PAIRS.filter(pair =>
    lanes.every(([{ names }]) => pair.every(name => names.includes(name))),
  ).map(([name, other]) => [
    `${name} : ${other}`,
    ...lanes.map(([, samples]) => times(ratio(samples, name, other, 'cpuUs'))),
  ]);
  return markdownTable(titles, rows);
}
