import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const repository = new URL('../../', import.meta.url);

/** An example that serves in a process of its own. */
export class GatewayProcess implements AsyncDisposable {
  readonly port: number;
  /** Resolves to how the process ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number, ended: GatewayProcess['ended']) {
    this.#child = child;
    this.port = port;
    this.ended = ended;
  }

  /** By way of tsx: `holdfast` is then what is in `src`, and decorators are understood. */
  static async start(example: string, serviceUrl: string): Promise<GatewayProcess> {
    const path = fileURLToPath(new URL(`examples/frameworks/${example}.ts`, repository));
    const child = spawn(process.execPath, ['--import', 'tsx', path], {
      cwd: fileURLToPath(repository),
      env: { ...process.env, MEDIA_SERVICE_URL: serviceUrl, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
    const [url] = (await Promise.race([
      once(lines, 'line'),
      ended.then(({ code }) => Promise.reject(new Error(`${example} ended with ${code} before it listened`))),
    ])) as [string];
    return new GatewayProcess(child, Number(new URL(url).port), ended);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
