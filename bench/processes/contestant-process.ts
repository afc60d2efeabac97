import { setTimeout as sleep } from 'node:timers/promises';
import { CONTESTANTS } from '../contestants/all.ts';
import {
  AS_USUAL,
  type Contestant,
  CROWD,
  flakyPath,
  GET_PATH,
  LAST_PATH,
  POST_PATH,
  RETRY_AT_ONCE,
  WAIT_PATH,
} from '../contestants/contestant.ts';
import { fewAtATime } from '../few-at-a-time.ts';
import { answerOrders } from './answer-orders.ts';
import { startCpu } from './cpu.ts';
import { allocations, load, type Send } from './load.ts';
import { memory } from './memory.ts';
import { profile } from './profile.ts';

/** One contestant in a process of its own: does what it is told to, and says what that took. */
export type ContestantOrder =
  | {
      readonly order: 'load' | 'profile';
      readonly job: Job;
      readonly concurrency: number;
      readonly ms: number;
    }
  | { readonly order: 'allocate'; readonly job: Job; readonly concurrency: number; readonly calls: number }
  /** So many clients from now on, and what each takes: new ones, or such as have been called. */
  | { readonly order: 'clients' | 'used-clients'; readonly count: number }
  /** A call by every client. */
  | { readonly order: 'touch' }
  /** Calls that wait for their answer, as many as are told to; `release` waits for the answers. */
  | { readonly order: 'hold'; readonly calls: number }
  | { readonly order: 'weigh' | 'release' }
  | { readonly order: 'idle'; readonly ms: number };

export type Job = 'get' | 'post' | 'flaky';
export type TuningName = keyof typeof TUNINGS;

const TUNINGS = { usual: AS_USUAL, 'retry-at-once': RETRY_AT_ONCE, crowd: CROWD };

const [name = '', url = '', tuning = 'usual'] = process.argv.slice(2);
const make = CONTESTANTS[name];
if (make === undefined) throw new Error(`no contestant "${name}"`);
const create = () => make(url, TUNINGS[tuning as TuningName]);

/** Enough for each of three endpoints to have had one. */
const CALLS_EACH = 6;

let clients: readonly Contestant[] = [await create()];
let next = 0;
let held: Promise<unknown>[] = [];
let heapBefore = 0;

/** Calls go to one client after the other. */
const client = () => clients[next++ % clients.length] as Contestant;

const JOBS: Readonly<Record<Job, Send>> = {
  get: () => client().get(GET_PATH),
  post: () => client().post(POST_PATH),
  flaky: () => client().get(flakyPath()),
};

async function makeClients(count: number) {
  clients = [];
  const before = (await memory()).heapBytes;
  clients = await Promise.all(Array.from({ length: count }, create));
  return { heapKib: ((await memory()).heapBytes - before) / count / 1_024 };
}

/** What clients take that have been called: some of what they are made of, they make then. Their connections are gone. */
async function usedClients(count: number) {
  clients = [];
  const before = (await memory()).heapBytes;
  clients = await Promise.all(Array.from({ length: count }, create));
  for (let turn = 0; turn < CALLS_EACH; turn++)
    await fewAtATime(clients, 50, async one => one.get(LAST_PATH));
  return { heapKib: ((await memory()).heapBytes - before) / count / 1_024 };
}

async function hold(calls: number) {
  heapBefore = (await memory()).heapBytes;
  held = Array.from({ length: calls }, () => client().get(WAIT_PATH));
  return {};
}

async function obey(order: ContestantOrder): Promise<object> {
  switch (order.order) {
    case 'load':
      return load(JOBS[order.job], order.concurrency, order.ms);
    case 'allocate':
      return allocations(JOBS[order.job], order.concurrency, order.calls);
    case 'profile':
      return profile(() => load(JOBS[order.job], order.concurrency, order.ms));
    case 'clients':
      return makeClients(order.count);
    case 'touch':
      await fewAtATime(clients, 50, async one => one.get(GET_PATH));
      return {};
    case 'used-clients':
      return usedClients(order.count);
    case 'hold':
      return hold(order.calls);
    case 'weigh':
      return { heapKib: ((await memory()).heapBytes - heapBefore) / held.length / 1_024 };
    case 'release':
      await Promise.all(held.splice(0));
      return {};
    case 'idle': {
      const used = startCpu();
      await sleep(order.ms);
      return { idlePercent: used() / order.ms / 10 };
    }
  }
}

answerOrders(obey, 'ready');
