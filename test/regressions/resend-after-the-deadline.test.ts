import { expect, test } from 'vitest';
import { NetworkError, ServiceClient, TimeoutError } from '../../src/index.ts';
import { memoryBody } from '../../src/transport/memory-body.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';

// When our own event loop stood still past a call's deadline, the wait before a resend, or the queue, came to its end
// before the deadline's own timer did, and one more attempt went out that nobody could wait for.

test('a resend whose wait ended together with the deadline, in a stall of our own, is not sent', async () => {
  const clock = new ManualClock();
  let sent = 0;
  const transport: Transport = {
    async send({ service, endpoint }) {
      sent++;
      throw new NetworkError({ service, endpoint, phase: 'connect', neverSent: true });
    },
    close: () => {},
  };
  const retry = { backoff: { baseDelayMs: 50, jitter: 'none' } } as const;
  const timeout = { totalMs: 1_000 };
  const options = { name: 'users', baseUrl: 'http://users.test', transport, clock, retry, timeout };
  const failed = new ServiceClient(options).get('/').catch((error: unknown) => error);
  await settlePromises();
  expect(sent).toBe(1);
  await clock.stall(1_500);
  const error = await failed;
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ scope: 'total', timeoutMs: 1_000 });
  expect(sent).toBe(1);
  expect(clock.pending).toBe(0);
});

test('nor is a call that gets its slot only after its deadline, in a stall of our own', async () => {
  const clock = new ManualClock();
  const answers: (() => void)[] = [];
  const transport: Transport = {
    send: ({ cancellation }) =>
      new Promise(resolve => {
        const body = memoryBody(new Uint8Array(), cancellation);
        answers.push(() => resolve({ status: 200, headers: {}, body }));
      }),
    close: () => {},
  };
  const bulkhead = { maxConcurrent: 1, maxQueued: 1 };
  const client = new ServiceClient({
    name: 'users',
    baseUrl: 'http://users.test',
    transport,
    clock,
    bulkhead,
  });
  const first = client.get('/');
  const failed = client.get('/', { timeout: { totalMs: 1_000 } }).catch((error: unknown) => error);
  await settlePromises();
  clock.setTimeout(() => answers[0]?.(), 500);
  await clock.stall(1_500);
  await first;
  expect(await failed).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
  expect(answers).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
