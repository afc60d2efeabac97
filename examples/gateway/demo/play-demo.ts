import { setTimeout } from 'node:timers/promises';
import { onAskedToEnd } from '../asked-to-end.ts';
import { type Running, start, stop } from '../running.ts';
import type { ServiceCommands } from '../service/breakable-service.ts';
import type { Settings } from '../settings.ts';
import { CallLog } from './call-log.ts';
import { Checks } from './checks.ts';
import { Child } from './child.ts';
import type { DriverCommands } from './driver.ts';
import { faultSchedule } from './fault-schedule.ts';
import { judgeCounts, judgeRun } from './judge-run.ts';
import { PeakMemory } from './peak-memory.ts';
import { plainCalls } from './plain-calls.ts';
import { Stage } from './stage.ts';
import { summarize } from './summary.ts';
import { endProgress, field, phase, print, title } from './terminal.ts';

/** Nothing here takes that long: what does has got stuck. */
const LIMIT_MS = 58_000;

/** Time to read what comes next, where somebody may be reading. */
const READING_MS = 1_500;

/** Plays the fault schedule against the gateway, and checks that it held. Resolves to the exit code. */
export async function playDemo(settings: Settings, port: number): Promise<number> {
  const limit = globalThis.setTimeout(giveUp, LIMIT_MS, `not done after ${LIMIT_MS / 1_000} s`);
  onAskedToEnd(why => giveUp(`it was stopped, ${why}`));

  const memory = new PeakMemory();
  const running = await start(settings, port);
  const driver = new Child<DriverCommands>(new URL('./driver.ts', import.meta.url));
  const log = new CallLog(running.youtube);
  const checks = new Checks();
  const retries = Number(settings.YOUTUBE_RETRY_ATTEMPTS) !== 1;
  const stage = new Stage({ ...running, driver, log, checks, retries });

  introduce(running, driver, settings);
  await running.youtube.probe();
  if (running.service === undefined) await plainCalls(stage);
  else await playFaults(stage, running.service);
  memory.stop();
  const ended = await Promise.all([driver.stop(), stop(running)]);
  clearTimeout(limit);

  judgeRun(stage, memory, ended);
  summarize(stage, memory);
  return checks.failed.length === 0 ? 0 : 1;
}

async function playFaults(stage: Stage, service: Child<ServiceCommands>): Promise<void> {
  for (const [index, act] of faultSchedule.entries()) {
    phase(index + 1, act.title, act.watch);
    if (process.stdout.isTTY) await setTimeout(READING_MS);
    await act.run(stage, service);
  }
  judgeCounts(stage, await service.ask('seen'));
}

function introduce(
  { gatewayUrl, serviceUrl, service }: Running,
  driver: Child<DriverCommands>,
  settings: Settings,
): void {
  title('holdfast: a gateway, a YouTube service, and what goes wrong between them');
  field('client', `process ${driver.pid}`);
  field('gateway', `process ${process.pid}, ${gatewayUrl}`);
  field('service', service === undefined ? serviceUrl : `process ${service.pid}, ${serviceUrl}`);
  field('settings', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`));
}

function giveUp(why: string): never {
  endProgress();
  print();
  console.error(`The demo did not end well: ${why}.`);
  // The other processes go down with this one.
  process.exit(1);
}
