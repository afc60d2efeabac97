import { createHook } from 'node:async_hooks';

/** Deep enough to look past Node's own frames. */
const STACK_FRAMES = 12;

interface SeenTimer {
  readonly timer: NodeJS.Timeout;
  readonly madeAt: string;
}

/** Watches every timer that is made from now on, and knows where. */
export class TimerWatch {
  readonly #timers = new Map<number, SeenTimer>();
  readonly #hook = createHook({
    init: (id, type, _trigger, timer) => {
      if (type === 'Timeout') this.#timers.set(id, { timer: timer as NodeJS.Timeout, madeAt: caller() });
    },
    destroy: id => {
      this.#timers.delete(id);
    },
  });

  constructor() {
    this.#hook.enable();
  }

  /**
   * Where each timer was made that is still waiting and should not: any of holdfast's own, also in the background,
   * and those of others that keep the process alive. The test runner's are left out.
   */
  left(): string[] {
    return [...this.#timers.values()]
      .filter(({ madeAt, timer }) => isOurs(madeAt) || (timer.hasRef() && !isRunners(madeAt)))
      .map(({ madeAt }) => madeAt);
  }

  stop(): void {
    this.#hook.disable();
  }
}

/** The innermost frame that is not Node's. */
function caller(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_FRAMES;
  const frames = new Error().stack?.split('\n').slice(2) ?? [];
  Error.stackTraceLimit = limit;
  const frame = frames.find(line => !line.includes('node:') && !line.includes('timer-watch.ts'));
  return frame?.trim() ?? 'Node itself';
}

function isOurs(frame: string): boolean {
  return frame.includes('/src/') && !frame.includes('/node_modules/');
}

function isRunners(frame: string): boolean {
  return /\/node_modules\/(@?vitest|tinypool)\//.test(frame);
}
