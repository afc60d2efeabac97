import { Pool } from 'undici';
import { GATEWAYS } from '../contestants/gateways.ts';
import { fewAtATime } from '../few-at-a-time.ts';
import { Child } from '../processes/child.ts';
import { startNodeServer } from '../processes/server.ts';
import { race, type Sample, type Samples } from '../race.ts';
import { barChart } from '../report/bar-chart.ts';
import { linesOf } from '../report/figures.ts';
import { rankedTable, roundsOf } from '../report/table.ts';
import type { Bench, Section } from '../section.ts';

const REFERENCE = 'raw node:http pipe';
const FEW = [REFERENCE, 'got.stream, piped', '@fastify/reply-from', 'holdfast (got)', 'holdfast (undici)'];
const CONCURRENCY = 50;
const SMALL_BYTES = 300;

const SMALL = [{ title: 'CPU µs/request', key: 'cpuUs', digits: 0 }];
const BIG = [
  { title: 'CPU s/GiB', key: 'cpuPerGib', digits: 2 },
  { title: 'peak RSS MiB', key: 'peakMiB', digits: 0 },
];

interface Gateway {
  readonly child: Child;
  readonly pool: Pool;
}

/** Gateways that do nothing else, and holdfast; CPU of the gateway's process alone. */
export async function passthrough(bench: Bench): Promise<Section> {
  const { pace } = bench;
  const names = pace.names(Object.keys(GATEWAYS), FEW);
  const bytes = pace.count(2 ** 30);
  const server = await startNodeServer();
  const gateways = new Map<string, Gateway>();
  const gateway = (name: string) => gateways.get(name) as Gateway;
  const used = (name: string) => gateway(name).child.ask<{ cpuUs: number; peakMiB: number }>({});
  try {
    await fewAtATime(names, 2, async name => {
      const child = new Child('./gateway-process.ts', [name, server.url], ['--no-deprecation']);
      const { port } = (await child.ready) as { port: number };
      gateways.set(name, { child, pool: new Pool(`http://127.0.0.1:${port}`, { connections: CONCURRENCY }) });
      const ms = name.includes('got') ? 6_000 : 2_000;
      await small(gateway(name).pool, pace.warmUpMs(ms));
    });
    const lanes = [
      {
        title: `${SMALL_BYTES} B bodies, ${CONCURRENCY} at a time`,
        names,
        rounds: () => pace.rounds(7),
        measure: async (name: string): Promise<Sample> => {
          const { pool } = gateway(name);
          await small(pool, pace.sliceMs(250));
          await used(name);
          const requests = await small(pool, pace.sliceMs(400));
          return { cpuUs: (await used(name)).cpuUs / requests };
        },
      },
      {
        title: `One body of ${bytes / 2 ** 20} MiB`,
        names,
        rounds: () => pace.rounds(3),
        measure: async (name: string): Promise<Sample> => {
          await used(name);
          await get(gateway(name).pool, `/big?bytes=${bytes}`, bytes);
          const { cpuUs, peakMiB } = await used(name);
          return { cpuPerGib: (cpuUs / 1e6) * (2 ** 30 / bytes), peakMiB };
        },
      },
    ];
    const results = [...(await race(lanes, bench))];
    return sectionOf(results.map(([{ title }, samples]) => [title, samples]));
  } finally {
    for (const { child, pool } of gateways.values()) {
      await pool.destroy();
      await child.stop();
    }
    await server.stop();
  }
}

function sectionOf(results: readonly (readonly [title: string, samples: Samples])[]): Section {
  const tables = results.flatMap(([title, samples], index) => [
    `### ${title}`,
    '',
    `${roundsOf(samples)}.`,
    '',
    ...rankedTable(samples, index === 0 ? SMALL : BIG, REFERENCE),
  ]);
  const panels = results.map(([title, samples], index) => ({
    title,
    unit: index === 0 ? 'CPU µs per request' : 'CPU s per GiB',
    lines: linesOf(samples, index === 0 ? 'cpuUs' : 'cpuPerGib', REFERENCE),
  }));
  return {
    title: 'Passthrough',
    lines: [
      "Gateways that do nothing else, and holdfast's `passthrough`; CPU of the gateway's process alone. Ratios are to a raw pipe.",
      '',
      '![CPU of gateways](passthrough.svg)',
      '',
      ...tables,
    ],
    charts: { 'passthrough.svg': barChart('Passthrough', panels) },
  };
}

/** One GET; rejects unless the body arrives whole. */
async function get(pool: Pool, path: string, expected: number): Promise<void> {
  const { statusCode, body } = await pool.request({ path, method: 'GET' });
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  if (statusCode !== 200 || bytes !== expected)
    throw new Error(`${statusCode}, ${bytes} bytes of ${expected} arrived`);
}

async function small(pool: Pool, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let requests = 0;
  const worker = async () => {
    do {
      await get(pool, '/small', SMALL_BYTES);
      requests++;
    } while (performance.now() < until);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return requests;
}
