import { STREAMERS } from '../contestants/streams.ts';
import { fewAtATime } from '../few-at-a-time.ts';
import { Child } from '../processes/child.ts';
import { startNodeServer } from '../processes/server.ts';
import type { StreamOrder } from '../processes/stream-process.ts';
import { race, type Sample } from '../race.ts';
import { barChart } from '../report/bar-chart.ts';
import { linesOf } from '../report/figures.ts';
import { rankedTable, roundsOf } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const REFERENCE = 'node:http';
const FEW = [REFERENCE, 'got.stream', 'undici.request', 'holdfast (got)', 'holdfast (undici)'];
const GIB = 2 ** 30;
const COLUMNS = [
  { title: 'CPU s/GiB', key: 'cpuPerGib', digits: 2 },
  { title: 'peak RSS MiB', key: 'peakMiB', digits: 0 },
];

/** A body of 1 GiB into a sink that throws it away. */
export async function streams(bench: Bench): Promise<Section> {
  const { pace } = bench;
  const names = pace.names(Object.keys(STREAMERS), FEW);
  const bytes = pace.count(GIB);
  const server = await startNodeServer();
  const children = new Map(names.map(name => [name, new Child('./stream-process.ts', [name, server.url])]));
  try {
    const download = async (name: string, size: number): Promise<Sample> => {
      const order: StreamOrder = { order: 'download', bytes: size };
      return (await children.get(name)?.ask<Sample>(order)) ?? {};
    };
    await fewAtATime([...children], 2, async ([name, child]) => {
      await child.ready;
      await download(name, Math.ceil(bytes / 16));
    });
    const lane = {
      title: 'a big body',
      names,
      rounds: () => pace.rounds(5),
      measure: (name: string) => download(name, bytes),
    };
    const samples = (await race([lane], bench)).get(lane) ?? new Map();
    const lines = (key: string) => linesOf(samples, key, REFERENCE);
    return {
      title: 'A big body into a sink',
      lines: [
        '![CPU and memory of a download](streams.svg)',
        '',
        `One body of ${bytes / 2 ** 20} MiB at a time, into a sink that throws it away; ${roundsOf(samples)}. Ratios are to \`${REFERENCE}\`.`,
        '',
        ...rankedTable(samples, COLUMNS, REFERENCE),
      ],
      charts: {
        'streams.svg': barChart('A big body into a sink', [
          { title: 'A big body into a sink', unit: 'CPU s per GiB', lines: lines('cpuPerGib') },
          { title: 'Peak memory meanwhile', unit: 'RSS, MiB', lines: lines('peakMiB') },
        ]),
      },
    };
  } finally {
    await Promise.all([...children.values()].map(child => child.stop()));
    await server.stop();
  }
}
