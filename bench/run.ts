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
import { PACES, type Pace } from './pace.ts';
import { machine, versions } from './report/machine.ts';
import type { Job, Section } from './section.ts';

interface Timed {
  readonly job: Job;
  /** Of the time there is. */
  readonly share: number;
}

/**
 * `npm run bench` writes docs/performance/measured.md and its charts, in less than ten minutes. `-- --quick` takes one and only
 * prints, `-- --smoke` only shows that everything still runs. `--only calls,memory` runs those jobs, `--rounds 3` no more
 * than three rounds, `--out folder` writes there.
 */
const JOBS: Readonly<Record<string, Timed>> = {
  calls: { job: calls, share: 285 },
  streams: { job: streams, share: 45 },
  passthrough: { job: passthrough, share: 85 },
  'no-network': { job: noNetwork, share: 22 },
  retries: { job: retries, share: 27 },
  memory: { job: memory, share: 55 },
  clients: { job: clients, share: 40 },
  'in-flight': { job: inFlight, share: 35 },
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    smoke: { type: 'boolean' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    out: { type: 'string' },
  },
});
// Most of a smoke run is the start of processes.
if (values.smoke) process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'holdfast-bench-cache');
const named = PACES[values.smoke ? 'smoke' : values.quick ? 'quick' : 'full'];
const most = Number(values.rounds ?? Number.POSITIVE_INFINITY);
const pace: Pace = { ...named, rounds: full => Math.min(most, named.rounds(full)) };
const wanted = values.only?.split(',') ?? Object.keys(JOBS);
const unknown = wanted.filter(name => !(name in JOBS));
if (unknown.length > 0)
  throw new Error(`no job "${unknown.join(', ')}", only ${Object.keys(JOBS).join(', ')}`);

const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(0);
const shares = (names: readonly string[]) => names.reduce((sum, name) => sum + (JOBS[name]?.share ?? 0), 0);
const startedAt = performance.now();
const end = startedAt + (1_000 * pace.seconds * shares(wanted)) / shares(Object.keys(JOBS));
const sections: Section[] = [];
for (const [index, name] of wanted.entries()) {
  const { job, share } = JOBS[name] as Timed;
  const now = performance.now();
  // What a job leaves over, or takes too much, is shared by those after it.
  const until = now + ((end - now) * share) / shares(wanted.slice(index));
  const onProgress = (text: string) => process.stderr.write(`${seconds(startedAt)} s: ${name}: ${text}\n`);
  sections.push(await job({ pace, until, onProgress }));
  onProgress(`done, ${seconds(now)} s`);
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

const whole = pace.name === 'full' && values.only === undefined && values.rounds === undefined;
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
