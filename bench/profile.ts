import { mkdir, writeFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants/all.ts';
import { Child } from './processes/child.ts';
import type { Job } from './processes/contestant-process.ts';
import { startNodeServer, startServer } from './processes/server.ts';
import { callTree, type Frame, selfTimes } from './report/call-tree.ts';
import { flameGraph } from './report/flame-graph.ts';
import { machine } from './report/machine.ts';
import { markdownTable } from './report/table.ts';

/**
 * `npm run profile -- "holdfast (undici)"`: where a contestant's time goes under load, as a flame graph in docs/performance/ and as
 * tables on the terminal. `--job get|post|flaky`, `--concurrency 50`, `--seconds 5`, `--out folder`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    job: { type: 'string', default: 'get' },
    concurrency: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});
const [name = 'holdfast (got)'] = positionals;
if (!(name in CONTESTANTS))
  throw new Error(`no contestant "${name}", only ${Object.keys(CONTESTANTS).join('; ')}`);
const job = values.job as Job;
const concurrency = Number(values.concurrency);
const ms = Number(values.seconds) * 1_000;

const flaky = job === 'flaky';
const server = await (flaky ? startNodeServer() : startServer());
const child = new Child('./contestant-process.ts', [name, server.url, flaky ? 'retry-at-once' : 'usual']);
let profile: Profiler.Profile;
try {
  await child.ready;
  // got is not warm any sooner.
  await child.ask({ order: 'load', job, concurrency, ms: 2 * ms });
  profile = await child.ask<Profiler.Profile>({ order: 'profile', job, concurrency, ms });
} finally {
  await child.stop();
  await server.stop();
}

const root = callTree(profile);
const title = `${name}, ${job.toUpperCase()}, ${concurrency} at a time`;
const share = (us: number) => `${((100 * us) / root.totalUs).toFixed(1)} %`;
const table = (head: string, key: (frame: Frame) => string, rows: number) =>
  markdownTable(
    [head, 'self time'],
    selfTimes(root, key)
      .slice(0, rows)
      .map(([what, us]) => [what, share(us)]),
  );
const heading = `${machine()}; Node ${process.versions.node}; ${new Date().toISOString().slice(0, 10)}. Time in which nothing was done is left out.`;
const tables = [
  ...table('from', ({ group }) => group, 15),
  ...table('function', ({ name, group, file }) => `\`${name}\` ${file || group}`, 25),
];
process.stdout.write([title, '', heading, '', ...tables].join('\n'));

const folder = values.out
  ? pathToFileURL(`${values.out}/`)
  : new URL('../docs/performance/', import.meta.url);
await mkdir(folder, { recursive: true });
const file = `profile-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
const page = [
  `# Profile: ${title}`,
  '',
  '<!-- Written by `npm run profile`: edit README.md beside it instead. -->',
  '',
  heading,
  '',
  `![Flame graph](${file}.svg)`,
  '',
  ...tables,
].join('\n');
await writeFile(new URL(`${file}.md`, folder), page);
await writeFile(new URL(`${file}.svg`, folder), flameGraph(title, root));
process.stderr.write(`${file}.md and ${file}.svg written\n`);
