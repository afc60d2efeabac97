import { setTimeout } from 'node:timers/promises';
import type { ServiceCommands } from '../service/breakable-service.ts';
import type { Child } from './child.ts';
import { downloadPhase } from './download-phase.ts';
import type { Stage } from './stage.ts';
import { counted, row } from './terminal.ts';

/** A while in which one thing is broken. */
export interface Phase {
  readonly title: string;
  /** What to look out for. */
  readonly watch: string;
  run(stage: Stage, service: Child<ServiceCommands>): Promise<void>;
}

const LINK = 'https://youtu.be/dQw4w9WgXcQ';

/** Faster than any attempt that waits for something, and slow enough for a busy machine. */
const AT_ONCE_MS = 500;

/** More than enough to open a circuit, whatever the settings. */
const MANY_CALLS = 100;

const calm: Phase = {
  title: 'Calm: nothing is broken',
  watch: 'one attempt per call; a bad url is answered 400 and not sent again',
  async run(stage) {
    await stage.info(LINK, 200);
    const health = await stage.get('health', '/health', 200);
    row('good', health.requestId, `GET ${health.status}, answered by the gateway alone`);
    const bad = await stage.info('https://example.com/cat.mp4', 400);
    const attempts = stage.log.attemptsOf(bad.requestId).length;
    stage.checks.expect('a client error is not retried', attempts === 1, counted(attempts, 'attempt'));
  },
};

const refused: Phase = {
  title: 'Refused: the port is closed, and opened again after one refusal',
  watch: 'the request never arrived, so that it may be sent again',
  async run(stage, service) {
    const port = await service.ask('close');
    let opening: Promise<number> | undefined;
    const off = stage.youtube.on('attempt:end', () => {
      opening ??= service.ask('open', port);
    });
    await hold(stage, 'a refused connection');
    off();
    await opening;
  },
};

const busy: Phase = {
  title: 'Busy: one 503 with Retry-After: 1',
  watch: 'the second attempt comes after that second, never before',
  async run(stage, service) {
    await service.ask('breakNext', 'busy');
    const requestId = await hold(stage, 'a 503');
    if (!stage.retries) return;
    const [first, second] = (await service.ask('seen')).filter(seen => seen.requestId === requestId);
    const gapMs = first && second ? second.arrivedAt - first.arrivedAt : 0;
    const found = `the service saw the second attempt ${Math.floor(gapMs)} ms after the first`;
    stage.checks.expect('Retry-After is honoured, never early', gapMs >= 1_000, found);
  },
};

const stall: Phase = {
  title: 'Stall: one request is taken and not answered',
  watch: 'the attempt is given up when its time is over, and the next one answered',
  async run(stage, service) {
    await service.ask('breakNext', 'stall');
    await hold(stage, 'a stall');
  },
};

const outage: Phase = {
  title: 'Outage: every request fails, with a 500 or a reset',
  watch: 'the circuit opens, though health checks pass; then calls fail at once and leave the service alone',
  async run(stage, service) {
    const { youtube, log, checks } = stage;
    const opened = () => youtube.health().endpoints[0]?.circuit === 'open';
    await service.ask('breakAll', 'outage');
    for (let call = 1; !opened() && call <= MANY_CALLS; call++) await stage.info(LINK);
    checks.expect('an outage opens the circuit', opened(), counted(log.circuit.opened, 'opening'));

    const before = (await service.ask('seen')).length;
    const answers = await Promise.all([stage.info(LINK), stage.info(LINK), stage.info(LINK)]);
    const reached = (await service.ask('seen')).length - before;
    const slowestMs = Math.ceil(Math.max(...answers.map(({ durationMs }) => durationMs)));
    const told = answers.every(({ status, headers }) => status === 503 && Number(headers['retry-after']) > 0);
    const found = `the slowest of 3 took ${slowestMs} ms, ${reached} reached the service`;
    const atOnce = told && slowestMs < AT_ONCE_MS && reached === 0;
    checks.expect('an open circuit answers 503 with Retry-After at once', atOnce, found);
  },
};

const unhealthy: Phase = {
  title: 'Worse: health checks fail too',
  watch: 'three in a row, and the gateway says of its own accord that the service is down',
  async run(stage, service) {
    const { log, checks } = stage;
    await service.ask('failHealthChecks');
    const noticed = await stage.until(() => log.probes.failedInRow >= 3);
    checks.expect('health checks notice an outage', noticed, `${log.probes.failedInRow} failed in a row`);
    await stage.get('health', '/health', 503);
  },
};

const recovery: Phase = {
  title: 'Recovery: the service works again',
  watch: 'a client that comes back when told; one trial closes the circuit',
  async run(stage, service) {
    const { youtube, log, checks } = stage;
    await service.ask('repair');
    for (let call = 1; call <= 10; call++) {
      const { status, headers } = await stage.info(LINK);
      if (status === 200) break;
      await setTimeout(Number(headers['retry-after'] ?? 0.5) * 1_000);
    }
    const { closed } = log.circuit;
    const { status } = youtube.health();
    checks.expect(
      'the circuit closes again',
      closed > 0 && status === 'up',
      `${counted(closed, 'closing')}, service ${status}`,
    );
    await stage.info(LINK, 200);
  },
};

/** What goes wrong, and when: each phase ends by what happened in it, so that a slow machine sees the same. */
export const faultSchedule: readonly Phase[] = [
  calm,
  refused,
  busy,
  stall,
  outage,
  unhealthy,
  recovery,
  downloadPhase,
];

/** A call that meets a fault and is answered nevertheless, by a second attempt. */
async function hold(stage: Stage, fault: string): Promise<string> {
  const { requestId, status } = await stage.info(LINK, stage.retries ? 200 : undefined);
  const attempts = stage.log.attemptsOf(requestId).length;
  const found = `answered ${status} after ${counted(attempts, 'attempt')}`;
  if (stage.retries) {
    stage.checks.expect(`${fault} does not reach the client`, status === 200 && attempts > 1, found);
  } else {
    stage.checks.expect(
      `without retries, ${fault} reaches the client`,
      status >= 500 && attempts === 1,
      found,
    );
  }
  return requestId;
}
