import {
  type AttemptInterceptor,
  type EndpointDiscovery,
  type EndpointPicker,
  ServiceClient,
} from '../../src/index.ts';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';
import { resolveOptions } from '../../src/options/resolve-options.ts';
import type { Clock } from '../../src/time/clock.ts';
import { Draw } from './draw.ts';
import type { ClientPlan } from './scenario.ts';
import { TestedClient } from './tested-client.ts';
import { ClientClock } from './world/client-clock.ts';
import { contentOf } from './world/content.ts';
import type { SimulatedServer } from './world/server.ts';
import { SimulatedTransport, type WireWatcher } from './world/simulated-transport.ts';

export interface ClientWorld {
  readonly clock: Clock;
  readonly servers: readonly SimulatedServer[];
  readonly calmAt: number;
  readonly watcher: WireWatcher;
  violation(message: string): void;
}

/** A client as planned, with hooks that misbehave now and then while it is not calm. */
export function makeClient(index: number, plan: ClientPlan, seed: number, world: ClientWorld): TestedClient {
  const draw = new Draw(seed);
  const clock = new ClientClock(world.clock);
  const transport = new SimulatedTransport(world.servers, clock, world.clock, world.watcher);
  const urls = (servers: readonly number[]) => servers.map(server => world.servers[server]!.url);
  const misbehaves = (share: number) => world.clock.monotonic() < world.calmAt && draw.chance(share);
  const later = (ms: number) => new Promise<void>(resolve => world.clock.setTimeout(() => resolve(), ms));
  const known = () => tested.client.health().endpoints.map(({ url }) => url);

  const picker: EndpointPicker = {
    pick(candidates) {
      const listed = new Set(known());
      if (candidates.some(({ url }) => !listed.has(url))) world.violation('a removed endpoint was offered');
      if (misbehaves(0.02)) return undefined;
      if (misbehaves(0.02)) throw new Error('no idea');
      return draw.pick(candidates);
    },
  };

  const answers: AttemptInterceptor = async (request, next) => {
    if (!draw.chance(0.1)) return next(request);
    const id = Number(request.headers['x-job-id']);
    const length = Number(new URL(request.url).searchParams.get('bytes'));
    return {
      status: 200,
      headers: {},
      bytes: request.method === 'HEAD' ? new Uint8Array() : contentOf(id, length),
    };
  };
  const waits: AttemptInterceptor = async (request, next) => {
    await later(draw.integer(0, 10));
    const reply = await next({ ...request });
    await later(draw.integer(0, 10));
    return reply;
  };
  const passes: AttemptInterceptor = (request, next) =>
    next({ ...request, headers: { ...request.headers, 'x-seen': 'yes' } });
  const interceptors = { none: [], passes: [passes], answers: [answers], waits: [waits] }[plan.interceptor];

  const options = {
    name: 'users',
    ...plan.options,
    ...(plan.members.length > 0
      ? { discovery: discoveryOf(plan, urls, world.clock) }
      : { endpoints: urls(plan.servers) }),
    loadBalancing: { strategy: plan.strategy === 'custom' ? picker : plan.strategy },
    ...(plan.auth && {
      auth: async ({ refresh }: { refresh: boolean }) => {
        if (draw.chance(0.5)) await later(draw.integer(0, 10));
        if (misbehaves(0.02)) throw new Error('no token');
        return refresh ? 'fresh' : 'used';
      },
    }),
    interceptors: { attempt: interceptors },
    transport,
    clock,
    random: new Draw(seed + 1).random,
  } as ServiceClientOptions;
  const client = new ServiceClient(options);
  const tested = new TestedClient({
    index,
    plan,
    options: resolveOptions(options),
    client,
    clock,
    transport,
  });
  return tested;
}

/** Tells of each set when its time has come. */
function discoveryOf(
  plan: ClientPlan,
  urls: (servers: readonly number[]) => string[],
  clock: Clock,
): EndpointDiscovery {
  return {
    async *watch(signal) {
      for (const { at, servers } of plan.members) {
        const ms = Math.max(0, at - clock.monotonic());
        await new Promise<void>(resolve => {
          const timer = clock.setTimeout(() => resolve(), ms);
          signal.addEventListener('abort', () => {
            timer.clear();
            resolve();
          });
        });
        if (signal.aborted) return;
        yield urls(servers);
      }
      await new Promise(resolve => signal.addEventListener('abort', resolve));
    },
  };
}
