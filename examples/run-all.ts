import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** No example may take longer. */
const TIME_LIMIT_MS = 60_000;

/** Runs every numbered example, or those whose name contains an argument: `npm run examples -- 03`. */
const folder = new URL('.', import.meta.url);
const wanted = process.argv.slice(2);
const examples = readdirSync(folder)
  .filter(name => /^\d\d-.*\.ts$/.test(name))
  .filter(name => wanted.length === 0 || wanted.some(part => name.includes(part)))
  .sort();

const failed: string[] = [];
for (const name of examples) {
  console.log(`\n— ${name}`);
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, [new URL(name, folder).pathname], {
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
