import { createHook } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** What there is, and what goes on, while nobody asks the process for anything. */
export interface Activity {
  /** Timers that wait, those included that would not keep the process alive. */
  timers: number;
  /** Timers and handles that keep the process alive. */
  resources: number;
  /** Callbacks of timers, sockets and the like that ran. */
  callbacks: number;
  /** Turns of the event loop. */
  turns: number;
}

const WATCHED_MS = 700;

const timers = new Set<number>();
let callbacks = 0;

createHook({
  init(id, type) {
    if (type === 'Timeout') timers.add(id);
  },
  before() {
    callbacks++;
  },
  destroy(id) {
    timers.delete(id);
  },
}).enable();

/** Watches the process do nothing; the pause itself is seen too, each time alike. */
export async function activity(): Promise<Activity> {
  await settled();
  const found = { timers: timers.size, resources: process.getActiveResourcesInfo().length };
  const before = { callbacks, turns: turns() };
  await pause(WATCHED_MS);
  return { ...found, callbacks: callbacks - before.callbacks, turns: turns() - before.turns };
}

/** Timers that were cleared go from the books later, those of a connection once it is closed. */
async function settled(): Promise<void> {
  for (let quietLooks = 0, last = -1; quietLooks < 5; ) {
    await pause(5);
    quietLooks = timers.size === last ? quietLooks + 1 : 0;
    last = timers.size;
  }
}

function turns(): number {
  return performance.nodeTiming.uvMetricsInfo.loopCount;
}
