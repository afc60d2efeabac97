import { type ChildProcess, fork } from 'node:child_process';

type Commands = Readonly<Record<string, (...args: never[]) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly args: readonly never[];
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: string;
}

/** What a child tells without being asked. */
interface News {
  readonly news: unknown;
}

/** A process of the demo, which does what it is asked to. It never outlives this one, however this one ends. */
export class Child<Known extends Commands> {
  /** Resolves to whether it ended by itself. */
  readonly ended: Promise<boolean>;
  readonly pid: number | undefined;
  onNews: (news: unknown) => void = () => {};
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(script: URL) {
    const child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.on('message', (message: Answer | News) => {
      if ('news' in message) this.onNews(message.news);
      else this.#settle(message);
    });
    this.ended = new Promise(resolve => {
      child.once('exit', (code, signal) => {
        process.off('exit', kill);
        const failure = `a process of the demo has ended (${signal ?? `exit ${code}`})`;
        for (const id of this.#waiting.keys()) this.#settle({ id, failure });
        resolve(code === 0);
      });
    });
    this.#process = child;
    this.pid = child.pid;
  }

  /** Resolves to what came of it. */
  ask<Name extends keyof Known & string>(
    name: Name,
    ...args: Parameters<Known[Name]>
  ): Promise<Awaited<ReturnType<Known[Name]>>> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ value, failure }) => {
        if (failure === undefined) resolve(value as Awaited<ReturnType<Known[Name]>>);
        else reject(new Error(failure));
      });
      this.#process.send({ id, name, args } satisfies Question, error => {
        if (error) this.#settle({ id, failure: `a process of the demo does not listen: ${error.message}` });
      });
    });
  }

  /** Lets it end by itself, for two seconds; then it is killed. Resolves to whether it did. */
  async stop(): Promise<boolean> {
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 2_000);
    const byItself = await this.ended;
    clearTimeout(timer);
    return byItself;
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}

/** The child's side: does what the parent asks for, and ends when the parent has let go of it or is gone. */
export function answerParent(commands: Commands): void {
  const known = new Map(Object.entries(commands));
  process.on('message', async ({ id, name, args }: Question) => {
    try {
      process.send?.({ id, value: await known.get(name)?.(...args) } satisfies Answer);
    } catch (error) {
      process.send?.({ id, failure: String(error) } satisfies Answer);
    }
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches every process of a terminal; when to end is the parent's to say.
  process.on('SIGINT', () => {});
}

export function tellParent(news: unknown): void {
  process.send?.({ news } satisfies News);
}
