import { getEventListeners } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { TimerWatch } from './timer-watch.ts';

/** What settles within this time is not a leak. */
const SETTLE_MS = 250;
const LOOK_EVERY_MS = 5;
/** The start is taken after so many looks without a change. */
const QUIET_LOOKS = 3;

/** A server of the test in this process: its own ends of the connections are not the client's leak. */
export interface WatchedServer {
  readonly sockets: number;
  readonly inFlight?: number;
}

export interface LeakCheck {
  /**
   * Rejects, naming every leak, unless within 250 ms all is back to the start and `signals` have no listener left.
   * Call it once, when the case has settled.
   */
  verify(signals?: readonly AbortSignal[]): Promise<void>;
}

/**
 * Starts watching; give it the servers that run already, and close those started later before `verify`.
 * Of sockets and other handles only growth counts, and only of those that keep the process alive: an idle pooled one does not.
 * Timers count as `TimerWatch` says: close clients that probe or discover before `verify`.
 */
export async function watchLeaks(servers: readonly WatchedServer[] = []): Promise<LeakCheck> {
  const start = await settledResources(servers);
  const timers = new TimerWatch();
  const noticed: string[] = [];
  const onRejection = (reason: unknown) => noticed.push(`unhandled rejection: ${reason}`);
  const onWarning = (warning: Error) => noticed.push(`process warning: ${warning.message}`);
  process.on('unhandledRejection', onRejection);
  process.on('warning', onWarning);
  const find = (signals: readonly AbortSignal[]) => [
    ...unfinished(servers),
    ...grown(start, clientResources(servers)),
    ...timers.left().map(madeAt => `a timer made ${madeAt}`),
    ...listening(signals),
  ];
  return {
    async verify(signals = []) {
      const before = performance.now();
      let leaks = find(signals);
      while (leaks.length > 0 && performance.now() - before < SETTLE_MS) {
        await unreferencedWait(LOOK_EVERY_MS);
        leaks = find(signals);
      }
      // Node tells of a rejection one turn after the promises have settled.
      await unreferencedWait(0);
      timers.stop();
      process.off('unhandledRejection', onRejection);
      process.off('warning', onWarning);
      leaks.push(...noticed);
      if (leaks.length > 0) throw new Error(`leaked after ${SETTLE_MS} ms:\n  ${leaks.join('\n  ')}`);
    },
  };
}

function unfinished(servers: readonly WatchedServer[]): string[] {
  return servers
    .filter(server => server.inFlight)
    .map(server => `${server.inFlight} requests in flight at a server`);
}

function grown(start: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string[] {
  const leaks: string[] = [];
  for (const [kind, count] of now) {
    const most = start.get(kind) ?? 0;
    if (count > most) leaks.push(`${count - most} more ${kind} than at the start`);
  }
  return leaks;
}

function listening(signals: readonly AbortSignal[]): string[] {
  return signals
    .map(signal => getEventListeners(signal, 'abort').length)
    .filter(count => count > 0)
    .map(count => `${count} abort listeners on a signal`);
}

/** Kinds that come and go with the test runner's own traffic; timers are watched one by one instead. */
const OTHERS_KINDS = new Set([
  'Timeout',
  'Immediate',
  'TickObject',
  'MessagePort',
  'PipeWrap',
  'FSReqCallback',
  'FSReqPromise',
]);

/** What an earlier test closed may still be closing: it must not count as the start, or it would hide a leak. */
async function settledResources(servers: readonly WatchedServer[]): Promise<ReadonlyMap<string, number>> {
  let last = clientResources(servers);
  for (let quietLooks = 0; quietLooks < QUIET_LOOKS; ) {
    await unreferencedWait(LOOK_EVERY_MS);
    const now = clientResources(servers);
    quietLooks = isDeepStrictEqual(now, last) ? quietLooks + 1 : 0;
    last = now;
  }
  return last;
}

/** What keeps the process alive, by kind, without the servers' ends of connections. */
function clientResources(servers: readonly WatchedServer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!OTHERS_KINDS.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const serverEnds = servers.reduce((sum, server) => sum + server.sockets, 0);
  counts.set('TCPSocketWrap', (counts.get('TCPSocketWrap') ?? 0) - serverEnds);
  return counts;
}

/** An ordinary timer would count as a leak itself. */
function unreferencedWait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref());
}
