import { describe, expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { type Handler, sendJson, startServer, type TestServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type ClientSettings, openClient } from './open-client.ts';

/** Calls beside each other. */
const LANES = 6;

/** Three servers, the first of which may misbehave, and a client as it comes, but for shorter waits. */
class Trio implements AsyncDisposable {
  readonly servers: readonly TestServer[];
  readonly client: ServiceClient;

  constructor(servers: readonly TestServer[], settings: ClientSettings) {
    this.servers = servers;
    this.client = openClient(servers, {
      loadBalancing: { strategy: 'peak-ewma' },
      random: seededRandom(11),
      retry: { backoff: { baseDelayMs: 5, maxDelayMs: 20 }, budget: {} },
      ...settings,
    });
  }

  get bad(): TestServer {
    return this.servers[0]!;
  }

  /** The first server's part in what has reached all three, from `since` on. */
  share(since: readonly number[] = [0, 0, 0]): number {
    const counts = this.counts.map((count, index) => count - (since[index] ?? 0));
    return (counts[0] ?? 0) / counts.reduce((sum, count) => sum + count, 0);
  }

  get counts(): number[] {
    return this.servers.map(({ requests }) => requests.length);
  }

  /** Makes calls in lanes beside each other; returns the errors that a user would have seen. */
  async load(
    calls: number,
    lanes = LANES,
    call = (client: ServiceClient) => client.get('/x') as Promise<unknown>,
  ): Promise<unknown[]> {
    const errors: unknown[] = [];
    let count = 0;
    const lane = async () => {
      while (count++ < calls) await call(this.client).catch(error => errors.push(error));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close({ graceMs: 0 });
    for (const server of this.servers) if (server.server.listening) await server.close();
  }
}

const answer: Handler = async (req, res, seen) => {
  req.resume();
  await seen.whole;
  sendJson(res, {});
};

async function startTrio(first: Handler, settings: ClientSettings = {}): Promise<Trio> {
  return new Trio([await startServer(first), await startServer(answer), await startServer(answer)], settings);
}

const STRATEGIES = ['peak-ewma', 'least-request', 'round-robin', 'random'] as const;

describe('of three endpoints, one that is', () => {
  test.each([1, LANES])(
    'slow gets little of the traffic of %d lanes, and nobody sees an error',
    async lanes => {
      await using trio = await startTrio((_req, res) => {
        setTimeout(() => sendJson(res, {}), 300);
      });
      const leaks = await watchLeaks(trio.servers);
      expect(await trio.load(120, lanes)).toEqual([]);
      expect(trio.share()).toBeLessThan(0.2);
      await leaks.verify();
    },
  );

  // Without a circuit, which would shut it out anyway.
  test.each([1, LANES])(
    'failing fast gets little of the traffic of %d lanes, and nobody sees an error',
    async lanes => {
      await using trio = await startTrio((_req, res) => sendJson(res, {}, 500), { circuitBreaker: false });
      const leaks = await watchLeaks(trio.servers);
      expect(await trio.load(120, lanes)).toEqual([]);
      expect(trio.share()).toBeLessThan(0.15);
      await leaks.verify();
    },
  );

  test('failing is left by the first retry, so that two attempts suffice', async () => {
    await using trio = await startTrio((_req, res) => sendJson(res, {}, 500), {
      circuitBreaker: false,
      loadBalancing: { strategy: 'random' },
      retry: { maxAttempts: 2, backoff: { baseDelayMs: 1, maxDelayMs: 1 } },
    });
    expect(await trio.load(100)).toEqual([]);
    expect(trio.share()).toBeGreaterThan(0.15);
  });

  test('resetting every connection gets little of the traffic, and nobody sees an error', async () => {
    await using trio = await startTrio(req => req.socket.resetAndDestroy());
    const leaks = await watchLeaks(trio.servers);
    expect(await trio.load(200)).toEqual([]);
    expect(trio.share()).toBeLessThan(0.15);
    await leaks.verify();
  });

  test('hanging gets next to nothing after its first timeouts, and nobody sees an error', async () => {
    await using trio = await startTrio(() => {}, { timeout: { attemptMs: 300 } });
    const leaks = await watchLeaks(trio.servers);
    expect(await trio.load(200)).toEqual([]);
    expect(trio.share()).toBeLessThan(0.1);
    await trio.bad.drained();
    await leaks.verify();
  });

  test.each(STRATEGIES)('failing is shut out by its circuit, also with %s', async strategy => {
    await using trio = await startTrio((_req, res) => sendJson(res, {}, 503), {
      loadBalancing: { strategy },
      circuitBreaker: { minThroughput: 5 },
    });
    const leaks = await watchLeaks(trio.servers);
    expect(await trio.load(100)).toEqual([]);
    const { counts } = trio;
    expect(await trio.load(100)).toEqual([]);
    // At most a trial or two.
    expect(trio.share(counts)).toBeLessThan(0.05);
    await leaks.verify();
  });

  test('flapping costs nobody an error, and is used again when it is well', async () => {
    let count = 0;
    let well = false;
    await using trio = await startTrio(
      (_req, res) => sendJson(res, {}, well || Math.floor(count++ / 5) % 2 === 0 ? 200 : 503),
      {
        circuitBreaker: { minThroughput: 5, openMs: 50, maxOpenMs: 50 },
        loadBalancing: { strategy: 'round-robin' },
      },
    );
    const leaks = await watchLeaks(trio.servers);
    expect(await trio.load(200)).toEqual([]);
    well = true;
    // Its open time passes, its trial goes well, and it has its share again.
    while (trio.client.health().endpoints[0]?.circuit !== 'closed') {
      await new Promise(resolve => setTimeout(resolve, 20));
      await trio.client.get('/x');
    }
    const { counts } = trio;
    expect(await trio.load(90)).toEqual([]);
    expect(trio.share(counts)).toBeGreaterThan(0.25);
    await leaks.verify();
  });

  test('gone costs nobody an error, not even with POST, which no server sees twice', async () => {
    await using trio = await startTrio(answer);
    const [, second, third] = trio.servers as [TestServer, TestServer, TestServer];
    expect(await trio.load(60)).toEqual([]);
    await trio.bad.close();
    // Its connections are gone, and the pool knows: what comes now is refused, not lost.
    await new Promise(resolve => setTimeout(resolve, 20));
    const leaks = await watchLeaks([second, third]);
    const { counts } = trio;
    let number = 0;
    expect(await trio.load(100, LANES, client => client.post('/x', { json: number++ }))).toEqual([]);
    const bodies = [second, third]
      .flatMap(({ requests }) => requests.map(({ body }) => body))
      .filter(Boolean);
    expect([bodies.length, new Set(bodies).size]).toEqual([100, 100]);
    expect(trio.share(counts)).toBe(0);
    await leaks.verify();
  });

  test('gone with calls in flight costs nobody an error that may be resent', async () => {
    const held: (() => void)[] = [];
    await using trio = await startTrio((_req, res) => {
      held.push(() => sendJson(res, {}));
    });
    const calls = Promise.all(Array.from({ length: 30 }, () => trio.client.safe.get('/x')));
    await trio.bad.received(1);
    await trio.bad.close();
    expect((await calls).filter(({ ok }) => !ok)).toEqual([]);
  });

  test('back after it was gone is used again', async () => {
    await using trio = await startTrio(answer, {
      loadBalancing: { strategy: 'round-robin' },
      circuitBreaker: { minThroughput: 3, openMs: 30, maxOpenMs: 30 },
    });
    const { port } = trio.bad;
    await trio.bad.close();
    expect(await trio.load(60)).toEqual([]);
    expect(trio.client.health().status).toBe('degraded');
    await using back = await startServer(answer, { port });
    const leaks = await watchLeaks([...trio.servers.slice(1), back]);
    while (back.requests.length < 10) {
      await new Promise(resolve => setTimeout(resolve, 10));
      expect(await trio.load(3)).toEqual([]);
    }
    expect(trio.client.health().endpoints[0]?.circuit).toBe('closed');
    await leaks.verify();
  });
});

describe('with all endpoints failing', () => {
  test('retries stay within the budget', async () => {
    const failing: Handler = (_req, res) => sendJson(res, {}, 503);
    const servers = [await startServer(failing), await startServer(failing), await startServer(failing)];
    await using trio = new Trio(servers, {
      retry: { backoff: { baseDelayMs: 1, maxDelayMs: 1 }, budget: { ratio: 0.2, minRetriesPerSecond: 1 } },
      circuitBreaker: false,
    });
    const leaks = await watchLeaks(servers);
    const CALLS = 400;
    await Promise.all(Array.from({ length: CALLS }, () => trio.client.safe.get('/x')));
    const total = trio.counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBeLessThanOrEqual(CALLS * 1.2 + 10);
    expect(total).toBeGreaterThan(CALLS);
    await leaks.verify();
  });
});
