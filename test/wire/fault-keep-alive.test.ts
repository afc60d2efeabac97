import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { sendJson, startServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { type RawServer, rawResponse, startRawServer } from '../support/raw-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type ClientSettings, openClient } from './open-client.ts';

/** Closes a connection this long after its last response, without a word before. */
const CLOSES_AFTER_MS = 5;
const LONGEST_GAP_MS = 7;
const LANES = 24;
/** On a machine that is busy with others nothing here may depend on how fast it is. */
const NO_LIMITS = { totalMs: false, attemptMs: false, connectMs: false } as const;

/** A server that keeps its connections no longer than most clients think. */
function startHasty(): Promise<RawServer> {
  const timers = new WeakMap<Socket, NodeJS.Timeout>();
  const answer = rawResponse('{}');
  return startRawServer(({ socket }) => {
    clearTimeout(timers.get(socket));
    socket.write(answer, () =>
      timers.set(
        socket,
        setTimeout(() => socket.destroy(), CLOSES_AFTER_MS),
      ),
    );
  });
}

const headerOf = (head: string, name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1];

/** Makes `total` calls, in lanes beside each other, with a random gap before each. */
async function inLanes(
  total: number,
  seed: number,
  call: (number: number) => Promise<unknown>,
): Promise<void> {
  const random = seededRandom(seed);
  let count = 0;
  const lane = async () => {
    while (count < total) {
      const number = count++;
      const gapMs = Math.floor(random() * (LONGEST_GAP_MS + 1));
      if (gapMs > 0) await new Promise(resolve => setTimeout(resolve, gapMs));
      await call(number);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

test('5,000 GETs over connections that the server closes behind our back all succeed', async () => {
  await using server = await startHasty();
  await using client = openClient(server, {
    timeout: NO_LIMITS,
    retry: { backoff: { baseDelayMs: 100, maxDelayMs: 5000 }, budget: {} },
  });
  let replaced = 0;
  const failures: unknown[] = [];
  await inLanes(5000, 1, async () => {
    try {
      const { attempts } = await client.get('/x');
      if (
        attempts.some(({ retry }) => retry !== undefined && 'source' in retry && retry.source === 'immediate')
      )
        replaced++;
    } catch (error) {
      failures.push(error);
    }
  });
  expect(failures).toEqual([]);
  expect(server.requests).toBeGreaterThanOrEqual(5000);
  // Else the test would prove nothing.
  expect(replaced).toBeGreaterThan(0);
  expect(server.connections).toBeLessThan(5000);
  expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed', inFlight: 0 }] });
}, 120_000);

test('800 POSTs over such connections are never executed twice', async () => {
  await using server = await startHasty();
  await using client = openClient(server, { timeout: NO_LIMITS });
  const leaks = await watchLeaks([server]);
  const succeeded: number[] = [];
  const failures: unknown[] = [];
  await inLanes(800, 2, async number => {
    try {
      await client.post('/x', { headers: { 'x-call': String(number) } });
      succeeded.push(number);
    } catch (error) {
      failures.push(error);
    }
  });
  const executions = new Map<string | undefined, number>();
  for (const head of server.heads) {
    const number = headerOf(head, 'x-call');
    executions.set(number, (executions.get(number) ?? 0) + 1);
  }
  expect([...executions.values()].filter(times => times > 1)).toEqual([]);
  expect(succeeded.filter(number => executions.get(String(number)) !== 1)).toEqual([]);
  // What was lost says so, and says nothing against the endpoint.
  for (const error of failures) expect(error).toMatchObject({ code: 'ERR_NETWORK', phase: 'response' });
  expect(client.health()).toMatchObject({ endpoints: [{ circuit: 'closed', inFlight: 0 }] });
  await leaks.verify();
}, 120_000);

test('POSTs with an idempotency key all succeed, with the same key on both connections', async () => {
  await using server = await startHasty();
  await using client = openClient(server, { timeout: NO_LIMITS });
  const leaks = await watchLeaks([server]);
  const failures: unknown[] = [];
  await inLanes(400, 3, async number => {
    const headers = { 'x-call': String(number) };
    await client.post('/x', { headers, idempotencyKey: true }).catch(error => failures.push(error));
  });
  expect(failures).toEqual([]);
  const keys = new Map<string | undefined, Set<unknown>>();
  for (const head of server.heads) {
    const number = headerOf(head, 'x-call');
    keys.set(number, (keys.get(number) ?? new Set()).add(headerOf(head, 'idempotency-key')));
  }
  expect([...keys.values()].filter(set => set.size !== 1)).toEqual([]);
  expect(keys.size).toBe(400);
  await leaks.verify();
}, 120_000);

/** What comes of a call over a connection that the server cuts at every request but the first. */
async function overStale(method: string, retry: object | false) {
  let count = 0;
  await using server = await startServer((req, res) => {
    if (++count > 1) req.socket.destroy();
    else sendJson(res, {});
  });
  const circuitBreaker = { minThroughput: 2, failureRatio: 0.4 };
  await using client = openClient(server, { retry, circuitBreaker } as ClientSettings);
  await client.get('/x');
  const { attempts } = await client.safe.request(method, '/x');
  const decisions = attempts.map(attempt => attempt.retry);
  return {
    requests: server.requests.length - 1,
    decisions,
    circuit: client.health().endpoints[0]?.circuit,
  };
}

test('a stale connection is replaced once, outside attempts and budget', async () => {
  const budget = { ratio: 0, minRetriesPerSecond: 0 };
  // The fresh connection is cut too: that one is a failure like any other.
  expect(await overStale('GET', { maxAttempts: 1, budget })).toEqual({
    requests: 2,
    decisions: [{ delayMs: 0, source: 'immediate' }, { refused: 'attempts-spent' }],
    circuit: 'open',
  });
});

test.each([
  ['a POST, which the server may have read', 'POST', {}],
  ['anything with retry: false', 'GET', false],
] as [string, string, object | false][])(
  'a stale connection is not replaced for %s',
  async (_name, method, retry) => {
    expect(await overStale(method, retry)).toEqual({
      requests: 1,
      decisions: [{ refused: 'not-retryable' }],
      circuit: 'closed',
    });
  },
);
