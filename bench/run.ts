import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { calls } from './jobs/calls.ts';
import { clients } from './jobs/clients.ts';
import { inFlight } from './jobs/in-flight.ts';
import { memory } from './jobs/memory.ts';
import { noNetwork } from './jobs/no-network.ts';
import { passthrough } from './jobs/passthrough.ts';
import { retries } from './jobs/retries.ts';
import { streams } from './jobs/streams.ts';
import { PACES } from './pace.ts';
import { machine, versions } from './report/machine.ts';
import type { Job, Section } from './section.ts';

/**
 * `npm run bench` writes docs/performance/measured.md and its charts, in less than ten minutes. `-- --quick` takes one and only
 * prints, `-- --smoke` only shows that everything still runs. `--only calls,memory` runs those jobs, `--out folder` writes there.
 */
const JOBS: Readonly<Record<string, Job>> = {
  calls,
  streams,
  passthrough,
  'no-network': noNetwork,
  retries,
  memory,
  clients,
  'in-flight': inFlight,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    smoke: { type: 'boolean' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});
// Most of a smoke run is the start of processes.
if (values.smoke) process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'holdfast-bench-cache');
const pace = PACES[values.smoke ? 'smoke' : values.quick ? 'quick' : 'full'];
const wanted = values.only?.split(',') ?? Object.keys(JOBS);
const unknown = wanted.filter(name => !(name in JOBS));
if (unknown.length > 0)
  throw new Error(`no job "${unknown.join(', ')}", only ${Object.keys(JOBS).join(', ')}`);

const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(0);
const startedAt = performance.now();
const sections: Section[] = [];
for (const name of wanted) {
  const begunAt = performance.now();
  const onProgress = (text: string) => process.stderr.write(`${seconds(startedAt)} s: ${name}: ${text}\n`);
  sections.push((await JOBS[name]?.({ pace, onProgress })) as Section);
  onProgress(`done, ${seconds(begunAt)} s`);
}

const text = [
  '# Measured',
  '',
  '<!-- Written by `npm run bench`: edit README.md beside it instead. -->',
  '',
  `${machine()}; ${new Date().toISOString().slice(0, 10)}; all of it in ${seconds(startedAt)} s (${pace.name}).`,
  `${versions()}.`,
  '',
  'How, and what to make of it: [README.md](README.md).',
  '',
  ...sections.flatMap(({ title, lines }) => [`## ${title}`, '', ...lines]),
].join('\n');
if (pace.name !== 'smoke') process.stdout.write(text);

const whole = pace.name === 'full' && values.only === undefined;
const folder = values.out
  ? pathToFileURL(`${values.out}/`)
  : new URL('../docs/performance/', import.meta.url);
if (whole || values.out) {
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('measured.md', folder), text);
  for (const { charts } of sections) {
    for (const [file, svg] of Object.entries(charts)) await writeFile(new URL(file, folder), svg);
  }
}
process.stderr.write(`${seconds(startedAt)} s in all\n`);
