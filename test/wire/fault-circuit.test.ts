import { describe, expect, test } from 'vitest';
import type { ServiceClient } from '../../src/index.ts';
import { EventRecorder } from '../support/event-recorder.ts';
import { sendJson, startServer, type TestServer } from '../support/http-server.ts';
import { watchLeaks } from '../support/leak-check.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { type ClientSettings, openClient } from './open-client.ts';

const OPEN_MS = 1000;
const MIN_THROUGHPUT = 4;
const ATTEMPT_MS = 400;

/** A server whose answers the test gives one by one, and a client whose time stands still unless told to move. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly server: TestServer;
  readonly client: ServiceClient;
  readonly events: EventRecorder;
  readonly #answers: ((status: number) => void)[];

  constructor(server: TestServer, answers: ((status: number) => void)[], settings: ClientSettings) {
    this.server = server;
    this.#answers = answers;
    this.client = openClient(server, {
      clock: this.clock,
      random: () => 0.5,
      retry: false,
      timeout: { attemptMs: ATTEMPT_MS },
      circuitBreaker: { minThroughput: MIN_THROUGHPUT, openMs: OPEN_MS, maxOpenMs: 3000, windowMs: 60_000 },
      ...settings,
    });
    this.events = EventRecorder.of(this.client, ['circuit:open', 'circuit:half-open', 'circuit:close']);
  }

  get circuit() {
    return this.client.health().endpoints[0]?.circuit;
  }

  /** Requests that reached the server. */
  get requests(): number {
    return this.server.requests.length;
  }

  /** Starts a call that has reached the server when this resolves; `done` is what it came to. */
  async begin(options: object = {}): Promise<{ done: Promise<unknown>; answer: (status: number) => void }> {
    const before = this.requests;
    const done = this.client.get('/x', options).then(
      ({ status }) => status,
      (error: unknown) => error,
    );
    await this.server.received(before + 1);
    return { done, answer: status => this.#answers[before]?.(status) };
  }

  async call(status: number): Promise<unknown> {
    const { done, answer } = await this.begin();
    answer(status);
    return done;
  }

  /** Fails as often as it takes. */
  async trip(): Promise<void> {
    for (let count = 0; count < MIN_THROUGHPUT; count++) await this.call(500);
    expect(this.circuit).toBe('open');
  }

  /** Without grace; the clock has to be told so. */
  async close(): Promise<void> {
    const closed = this.client.close({ graceMs: 0 });
    await this.clock.advance(0);
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.server.close();
  }
}

async function startBench(settings: ClientSettings = {}): Promise<Bench> {
  const answers: ((status: number) => void)[] = [];
  const server = await startServer((_req, res) => {
    answers.push(status => sendJson(res, {}, status));
  });
  return new Bench(server, answers, settings);
}

describe('an open circuit', () => {
  test('sends nothing and says when to come back', async () => {
    await using bench = await startBench();
    const leaks = await watchLeaks([bench.server]);
    await bench.trip();
    const before = bench.requests;
    await bench.clock.advance(OPEN_MS - 300);
    const error = await rejectionOf(bench.client.get('/x'));
    expect(error).toMatchObject({
      code: 'ERR_CIRCUIT_OPEN',
      retryAfterMs: 300,
      gatewayStatus: 503,
      attempts: [],
    });
    expect(bench.requests).toBe(before);
    await leaks.verify();
  });

  test('opens at the ratio of completed attempts, those under way not counted', async () => {
    await using bench = await startBench();
    const hanging = [await bench.begin(), await bench.begin(), await bench.begin(), await bench.begin()];
    for (const status of [200, 200, 500]) await bench.call(status);
    expect(bench.circuit).toBe('closed');
    await bench.call(500);
    expect(bench.circuit).toBe('open');
    for (const { answer, done } of hanging) {
      answer(200);
      await done;
    }
  });
});

describe('a half-open circuit', () => {
  test('lets one of 100 callers through, the others fail at once', async () => {
    await using bench = await startBench();
    const leaks = await watchLeaks([bench.server]);
    await bench.trip();
    const before = bench.requests;
    await bench.clock.advance(OPEN_MS);
    const trial = await bench.begin();
    const errors = await Promise.all(Array.from({ length: 99 }, () => rejectionOf(bench.client.get('/x'))));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN' });
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    }
    expect([bench.circuit, bench.requests - before]).toEqual(['half-open', 1]);
    trial.answer(200);
    expect(await trial.done).toBe(200);
    expect([bench.circuit, bench.events.names]).toEqual([
      'closed',
      ['circuit:open', 'circuit:half-open', 'circuit:close'],
    ]);
    await leaks.verify();
  });

  test('lets one through also when all 100 come in the same instant', async () => {
    await using bench = await startBench();
    await bench.trip();
    const before = bench.requests;
    await bench.clock.advance(OPEN_MS);
    const calls = Array.from({ length: 100 }, () => bench.client.safe.get('/x'));
    await bench.server.received(before + 1);
    const refused = await Promise.all(calls.slice(1));
    expect(refused.every(({ status }) => status === 503)).toBe(true);
    expect(bench.requests - before).toBe(1);
  });

  test('closes with an empty window', async () => {
    await using bench = await startBench();
    await bench.trip();
    await bench.clock.advance(OPEN_MS);
    await bench.call(200);
    for (let count = 1; count < MIN_THROUGHPUT; count++) await bench.call(500);
    expect(bench.circuit).toBe('closed');
    await bench.call(500);
    expect(bench.circuit).toBe('open');
  });

  test('whose trial fails opens again, for twice as long, up to the longest', async () => {
    await using bench = await startBench();
    const leaks = await watchLeaks([bench.server]);
    await bench.trip();
    for (const openMs of [1000, 2000, 3000, 3000]) {
      const before = bench.requests;
      await bench.clock.advance(openMs - 1);
      expect(await rejectionOf(bench.client.get('/x'))).toMatchObject({
        code: 'ERR_CIRCUIT_OPEN',
        retryAfterMs: 1,
      });
      await bench.clock.advance(1);
      expect(await bench.call(500)).toMatchObject({ status: 500 });
      expect([bench.circuit, bench.requests - before]).toEqual(['open', 1]);
    }
    await leaks.verify();
  });

  test('whose trial hangs opens again at its attempt time', async () => {
    await using bench = await startBench();
    const leaks = await watchLeaks([bench.server]);
    await bench.trip();
    await bench.clock.advance(OPEN_MS);
    const trial = await bench.begin();
    await bench.clock.advance(ATTEMPT_MS - 1);
    expect(bench.circuit).toBe('half-open');
    await bench.clock.advance(1);
    expect(await trial.done).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt' });
    expect(bench.circuit).toBe('open');
    await bench.clock.advance(2 * OPEN_MS);
    expect(await bench.call(200)).toBe(200);
    expect(bench.circuit).toBe('closed');
    await bench.server.drained(1);
    await leaks.verify();
  });

  test('whose trial is aborted gives the next caller the trial', async () => {
    await using bench = await startBench();
    const leaks = await watchLeaks([bench.server]);
    await bench.trip();
    await bench.clock.advance(OPEN_MS);
    const controller = new AbortController();
    const aborted = await bench.begin({ signal: controller.signal });
    controller.abort('left');
    expect(await aborted.done).toBe('left');
    expect(bench.circuit).toBe('half-open');
    expect(await bench.call(200)).toBe(200);
    expect(bench.circuit).toBe('closed');
    await leaks.verify([controller.signal]);
  });

  test.each([
    ['429', 429],
    ['501', 501],
  ])(
    'whose trial is answered %s, which is neutral, gives the next caller the trial',
    async (_name, status) => {
      await using bench = await startBench();
      await bench.trip();
      await bench.clock.advance(OPEN_MS);
      await bench.call(status);
      expect(bench.circuit).toBe('half-open');
      await bench.call(200);
      expect(bench.circuit).toBe('closed');
    },
  );

  test.each([
    ['its signing interceptor', { interceptors: { attempt: [failOnce(), passOn] } }],
    ['its credentials', { auth: failOnce('Bearer x') }],
  ])('whose trial never left because of %s gives the next caller the trial', async (_name, settings) => {
    await using bench = await startBench(settings as unknown as ClientSettings);
    await bench.trip();
    await bench.clock.advance(OPEN_MS);
    const before = bench.requests;
    expect(await rejectionOf(bench.client.get('/fails'))).toMatchObject({ message: 'own fault' });
    expect([bench.circuit, bench.requests]).toEqual(['half-open', before]);
    await bench.call(200);
    expect(bench.circuit).toBe('closed');
  });

  test('whose trial is ended by close() keeps nothing', async () => {
    await using bench = await startBench();
    const leaks = await watchLeaks([bench.server]);
    await bench.trip();
    await bench.clock.advance(OPEN_MS);
    const trial = await bench.begin();
    await bench.close();
    expect(await trial.done).toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
    expect(bench.clock.pending).toBe(0);
    await bench.server.drained();
    await leaks.verify();
  });
});

/** Fails the fifth time it is asked, when the circuit has its trial. */
function failOnce(value?: string) {
  let count = 0;
  return async (request: unknown, next?: (request: unknown) => unknown) => {
    if (++count === MIN_THROUGHPUT + 1) throw new Error('own fault');
    return next === undefined ? value : next(request);
  };
}

async function passOn(request: unknown, next: (request: unknown) => unknown) {
  return next(request);
}

describe('a late result', () => {
  test('of a call begun before the circuit opened does not close it', async () => {
    await using bench = await startBench();
    const early = await bench.begin();
    await bench.trip();
    early.answer(200);
    expect(await early.done).toBe(200);
    expect(bench.circuit).toBe('open');
  });

  test('of a failing call begun before does not make it stay open for longer', async () => {
    await using bench = await startBench();
    const early = await bench.begin();
    await bench.trip();
    await bench.clock.advance(ATTEMPT_MS - 1);
    early.answer(500);
    await early.done;
    expect(await rejectionOf(bench.client.get('/x'))).toMatchObject({
      retryAfterMs: OPEN_MS - ATTEMPT_MS + 1,
    });
  });

  test('of a call begun before decides nothing about the trial, nor about the time after it', async () => {
    await using bench = await startBench({ timeout: { attemptMs: false } });
    const early = [await bench.begin(), await bench.begin(), await bench.begin(), await bench.begin()];
    await bench.trip();
    await bench.clock.advance(OPEN_MS);
    const trial = await bench.begin();
    early[0]?.answer(200);
    early[1]?.answer(500);
    await Promise.all([early[0]?.done, early[1]?.done]);
    expect(bench.circuit).toBe('half-open');
    trial.answer(200);
    await trial.done;
    early[2]?.answer(500);
    early[3]?.answer(500);
    await Promise.all([early[2]?.done, early[3]?.done]);
    for (let count = 1; count < MIN_THROUGHPUT; count++) await bench.call(500);
    expect(bench.circuit).toBe('closed');
  });
});

describe('a streamed trial', () => {
  /** Sends a head, and then what the test says. */
  const streaming = async (end: 'whole' | 'broken') => {
    let status = 500;
    const finish: (() => void)[] = [];
    await using server = await startServer((_req, res) => {
      res.writeHead(status, { 'content-length': '3' });
      if (status === 500) res.end('no!');
      else {
        res.write('a');
        finish.push(() => (end === 'whole' ? res.end('bc') : res.destroy()));
      }
    });
    const clock = new ManualClock();
    await using client = openClient(server, {
      clock,
      retry: false,
      circuitBreaker: { minThroughput: MIN_THROUGHPUT, openMs: OPEN_MS },
    });
    const circuit = () => client.health().endpoints[0]?.circuit;
    for (let count = 0; count < MIN_THROUGHPUT; count++) await rejectionOf(client.get('/x'));
    await clock.advance(OPEN_MS);
    status = 200;
    const { body, completed } = await client.stream('GET', '/x');
    const before = circuit();
    body.resume();
    finish[0]?.();
    await completed.catch(() => {});
    return [before, circuit()];
  };

  test('is judged at the end of its body', async () => {
    expect(await streaming('whole')).toEqual(['half-open', 'closed']);
    expect(await streaming('broken')).toEqual(['half-open', 'open']);
  });
});
