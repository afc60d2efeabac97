import { afterEach, expect } from 'vitest';
import { ServiceClient, type ServiceClientOverrides } from '../../src/index.ts';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';
import { mergeOptions } from '../../src/options/merge-options.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** A client under a clock that stands still, and all that it told. */
export interface TestClient {
  readonly client: ServiceClient;
  readonly clock: ManualClock;
  readonly events: EventRecorder;
}

const open: TestClient[] = [];

/** The waits of retries are the plain backoff: 100, 200, 400 ms. */
const DEFAULTS = {
  name: 'users',
  baseUrl: 'http://users.test',
  retry: { backoff: { jitter: 'none' } },
} as const;

/** A client that is closed after the test; by then nothing of it may be left: no timer, no attempt in flight. */
export function openClient(options: ServiceClientOverrides = {}): TestClient {
  const clock = new ManualClock();
  const own = { clock, random: seededRandom(1) };
  const merged = mergeOptions(DEFAULTS, own, options) as ServiceClientOptions;
  const client = new ServiceClient(merged);
  const opened = { client, clock, events: EventRecorder.of(client) };
  open.push(opened);
  return opened;
}

/** The same, with a clock that moves on over every wait before a resend. */
export function openSkippingClient(options: ServiceClientOverrides = {}): TestClient {
  const opened = openClient(options);
  const { client, clock } = opened;
  // The wait begins right after its event.
  client.on('retry:scheduled', ({ delayMs }) => setImmediate(() => clock.advanceSync(delayMs)));
  return opened;
}

afterEach(async () => {
  for (const { client, clock, events } of open.splice(0)) {
    let closed = false;
    const closing = client.close({ graceMs: 1 }).then(() => {
      closed = true;
    });
    for (let turn = 0; turn < 50 && !closed; turn++) await clock.advance(1);
    await closing;
    await settlePromises();
    expect(clock.timers, 'timers left').toEqual([]);
    expect(
      client.health().endpoints.filter(({ inFlight }) => inFlight !== 0),
      'attempts left',
    ).toEqual([]);
    expect(events.of('call:end')).toHaveLength(events.of('call:start').length);
    expect(events.of('attempt:end')).toHaveLength(events.of('attempt:start').length);
  }
});
