import { createHook } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import type { Job } from './load.ts';

/** What calls make of the things that cost something, each as a mean per call. */
export interface Made {
  promises: number;
  timers: number;
  /** Listeners added to event emitters. */
  listeners: number;
  abortControllers: number;
  errors: number;
  /** Errors that captured a stack. */
  stacks: number;
}

type Constructor = new (...args: never[]) => object;

const made = { promises: 0, timers: 0, listeners: 0, abortControllers: 0, errors: 0, stacks: 0 };

const hook = createHook({
  init(_id, type) {
    if (type === 'PROMISE') made.promises++;
    else if (type === 'Timeout') made.timers++;
  },
});

/** Everything that is loaded from now on makes its errors, signals and listeners by way of us: call it first of all. */
export function watchMaking(): void {
  const { Error: NativeError, AbortController: NativeController } = globalThis;
  globalThis.Error = counted(NativeError, () => {
    made.errors++;
    if (NativeError.stackTraceLimit > 0) made.stacks++;
  });
  globalThis.AbortController = counted(NativeController, () => made.abortControllers++);
  const { on, once } = EventEmitter.prototype;
  EventEmitter.prototype.once = function (this: EventEmitter, ...args) {
    made.listeners++;
    return once.apply(this, args);
  };
  for (const name of ['on', 'addListener'] as const) {
    EventEmitter.prototype[name] = function (this: EventEmitter, ...args) {
      made.listeners++;
      return on.apply(this, args);
    };
  }
}

function counted<Class extends Constructor>(original: Class, count: () => void): Class {
  return new Proxy(original, {
    construct(target, args, newTarget) {
      count();
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}

const CALLS = 100;

/** What one call of `job` makes. The first calls, which set things up, are left out. */
export async function madeByEach(job: Job): Promise<Made> {
  for (let call = 0; call < CALLS; call++) await job();
  for (const kind of Object.keys(made) as (keyof Made)[]) made[kind] = 0;
  hook.enable();
  for (let call = 0; call < CALLS; call++) await job();
  hook.disable();
  const entries = Object.entries(made).map(([kind, count]) => [kind, count / CALLS]);
  return Object.fromEntries(entries) as Made;
}
