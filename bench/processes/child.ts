import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes, but a call that never ends. */
const PATIENCE_MS = 60_000;

/** A script of the benchmark in a process of its own, that answers each message with one. */
export class Child {
  readonly #process: ChildProcess;
  /** The first message: it is ready. */
  readonly ready: Promise<unknown>;

  constructor(script: string, args: readonly string[] = [], execArgv: readonly string[] = []) {
    this.#process = fork(new URL(script, import.meta.url), args, {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.ready = this.#answer();
    this.ready.catch(() => {});
  }

  ask<T>(message: object): Promise<T> {
    const answer = this.#answer();
    this.#process.send(message);
    return answer as Promise<T>;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }

  async #answer(): Promise<unknown> {
    const left = new AbortController();
    const { signal } = left;
    const who = this.#process.spawnargs.slice(1).join(' ');
    const exit = once(this.#process, 'exit', { signal }).then(([code]) => {
      throw new Error(`${who} ended with ${code}`);
    });
    const silence = sleep(PATIENCE_MS, undefined, { signal }).then(() => {
      throw new Error(`${who} does not answer`);
    });
    const message = once(this.#process, 'message', { signal });
    try {
      return (await Promise.race([message, exit, silence]))[0];
    } finally {
      left.abort();
      for (const promise of [message, exit, silence]) promise.catch(() => {});
    }
  }
}
