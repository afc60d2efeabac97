import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Runs a script of `measure/` in a process of its own, under Node's flags, and resolves to what it found. */
export async function runMeasurement<Findings>(
  script: string,
  flags: readonly string[] = [],
): Promise<Findings> {
  const child = fork(new URL(`./measure/${script}.ts`, import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning', ...flags],
    // A runner's own variables would switch other code on.
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with ${code} and told nothing`);
    });
    const [findings] = await Promise.race([once(child, 'message'), ended]);
    return findings as Findings;
  } finally {
    child.kill('SIGKILL');
  }
}
