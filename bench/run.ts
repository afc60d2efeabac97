import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CONTESTANTS, REFERENCE } from './contestants/all.ts';
import { race } from './race.ts';
import { linesOf, machine, markdownTable, svgChart } from './report.ts';

/** `npm run bench`: writes docs/performance/. `--quick` takes about a minute and only prints. */
const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, rounds: { type: 'string' } },
});
const QUICK = ['node:http', 'undici.request', 'got', REFERENCE, 'holdfast (got)', 'holdfast (undici)'];
const known = Object.keys(CONTESTANTS);
const wanted = values.only?.split(',') ?? (values.quick ? QUICK : known);
const names = known.filter(name => wanted.includes(name) || name === REFERENCE);
const kinds = values.quick
  ? ([
      { job: 'get', concurrency: 1 },
      { job: 'get', concurrency: 50 },
    ] as const)
  : ([
      { job: 'get', concurrency: 1 },
      { job: 'get', concurrency: 50 },
      { job: 'get', concurrency: 500 },
      { job: 'post', concurrency: 50 },
    ] as const);

const startedAt = Date.now();
const rounds = Number(values.rounds ?? 9);
const results = await race({
  names,
  slices: kinds,
  rounds,
  sliceMs: values.quick ? 200 : 400,
  warmUpMs: values.quick ? 2_000 : 8_000,
  onProgress: text => process.stderr.write(`${text}\n`),
});

const titles = kinds.map(({ job, concurrency }) => `${job.toUpperCase()}, ${concurrency} at a time`);
const tables = kinds.map((kind, index) => ({
  title: titles[index] ?? '',
  lines: linesOf(results, names, kind),
}));
const date = new Date().toISOString().slice(0, 10);
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
const text = [
  '# Measured',
  '',
  `${machine()}; ${date}; ${rounds} interleaved rounds in ${minutes} minutes. Ratios are to "${REFERENCE}" in the same round.`,
  'GET answers about 300 B of JSON, POST sends about 1 KB; keep-alive; each contestant and the server in a process of its own.',
  '',
  ...tables.map(({ title, lines }) => markdownTable(title, lines)),
].join('\n');
process.stdout.write(text);

if (!values.quick) {
  const folder = new URL('../docs/performance/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('measured.md', folder), text);
  for (const [index, { title, lines }] of tables.entries()) {
    const { job, concurrency } = kinds[index] ?? {};
    await writeFile(
      new URL(`${job}-${concurrency}.svg`, folder),
      svgChart(`CPU per request: ${title}`, lines),
    );
  }
}
