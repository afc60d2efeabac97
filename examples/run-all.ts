import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** No example may take longer. */
const TIME_LIMIT_MS = 60_000;

/** Decorators are more than Node strips. */
const NEEDS_TSX: ReadonlySet<string> = new Set(['frameworks/nest.ts']);

/** Runs every example, or those whose name contains an argument: `npm run examples -- 03 fastify`. */
const folder = new URL('.', import.meta.url);
const wanted = process.argv.slice(2);
const examples = [
  ...examplesIn('.').filter(name => /^\d\d-/.test(name)),
  ...examplesIn('frameworks'),
  ...examplesIn('fetch-clients'),
].filter(name => wanted.length === 0 || wanted.some(part => name.includes(part)));

const failed: string[] = [];
for (const name of examples) {
  console.log(`\n— ${name}`);
  const started = performance.now();
  const runner = NEEDS_TSX.has(name) ? ['--import', 'tsx'] : [];
  const path = fileURLToPath(new URL(name, folder));
  const { status, signal } = spawnSync(process.execPath, [...runner, path], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: TIME_LIMIT_MS,
  });
  const took = `${Math.round(performance.now() - started)} ms`;
  if (status === 0) console.log(`  ok, ${took}`);
  else {
    failed.push(name);
    console.log(`  failed (${signal ?? `exit ${status}`}), ${took}`);
  }
}

console.log(`\n${examples.length - failed.length} examples ran, ${failed.length} failed ${failed.join(' ')}`);
if (failed.length > 0 || examples.length === 0) process.exitCode = 1;

function examplesIn(path: string): string[] {
  return readdirSync(new URL(path, folder))
    .filter(name => name.endsWith('.ts'))
    .map(name => (path === '.' ? name : `${path}/${name}`))
    .sort();
}
