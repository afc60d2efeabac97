import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Watchers } from '../../support/watchers.ts';

/** What a child tells; each message has one of these. */
interface Message {
  readonly port?: number;
  readonly request?: string;
  readonly rss?: number;
  readonly peak?: number;
  readonly result?: { readonly status: number; readonly bytesSent: number; readonly resumes: number };
}

/** A script of this folder in a process of its own. */
export class Child implements AsyncDisposable {
  readonly messages: Message[] = [];
  readonly #script: string;
  readonly #watchers = new Watchers();
  #process: ChildProcess;
  #port = 0;

  private constructor(script: string, args: readonly string[]) {
    this.#script = fileURLToPath(new URL(script, import.meta.url));
    this.#process = this.#fork(args);
  }

  static async start(script: string, ...args: string[]): Promise<Child> {
    const child = new Child(script, args);
    await child.#listening(1);
    return child;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves with the first such message that has come or comes, leaving out the first `skip` of all. */
  async told(isIt: (message: Message) => boolean, skip = 0): Promise<Message> {
    const found = () => this.messages.slice(skip).find(isIt);
    await this.#watchers.until(() => found() !== undefined);
    return found() as Message;
  }

  /** Says something; what it is does not matter. */
  nudge(): void {
    this.#process.send({});
  }

  /** What it takes of memory now, and at most so far. */
  async memory(): Promise<{ rss: number; peak: number }> {
    const before = this.messages.length;
    this.nudge();
    const { rss = 0, peak = 0 } = await this.told(message => message.rss !== undefined, before);
    return { rss, peak };
  }

  /** Kills it without a warning, and starts it again on its port. */
  async killAndRestart(): Promise<void> {
    const starts = this.messages.filter(({ port }) => port !== undefined).length;
    await this.#kill();
    this.#process = this.#fork([String(this.port)]);
    await this.#listening(starts + 1);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#kill();
  }

  async #kill(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  async #listening(starts: number): Promise<void> {
    const ports = () => this.messages.filter(({ port }) => port !== undefined);
    await this.#watchers.until(() => ports().length === starts);
    this.#port = ports().at(-1)?.port ?? 0;
  }

  #fork(args: readonly string[]): ChildProcess {
    const child = fork(this.#script, args, { execArgv: ['--no-warnings'] });
    child.on('message', message => {
      this.messages.push(message as Message);
      this.#watchers.changed();
    });
    return child;
  }
}
