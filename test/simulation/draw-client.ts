import type { Draw } from './draw.ts';
import type { ClientPlan, PlainOptions } from './scenario.ts';

/** A client with options at random, all of them such that it can be well again within ten seconds. */
export function drawClient(draw: Draw, servers: number, calmAt: number): ClientPlan {
  const all = Array.from({ length: servers }, (_, index) => index);
  const own = draw.chance(0.7) ? all : drawSome(draw, all);
  return {
    options: drawOptions(draw),
    strategy: draw.pick(['peak-ewma', 'peak-ewma', 'round-robin', 'random', 'least-request', 'custom']),
    servers: own,
    members: draw.chance(0.3) ? drawMembers(draw, all, own, calmAt) : [],
    auth: draw.chance(0.2),
    interceptor: draw.pick(['none', 'none', 'none', 'none', 'passes', 'answers', 'waits']),
    close: draw.maybe(0.15, () => ({
      at: draw.integer(0, calmAt),
      graceMs: draw.pick([0, 1, 50, 500, 3_000]),
    })),
  };
}

function drawSome(draw: Draw, all: readonly number[]): number[] {
  const some = all.filter(() => draw.chance(0.6));
  return some.length > 0 ? some : [draw.pick(all)];
}

/** Answers of a discovery; the last, when all is calm, has every server of the client. */
function drawMembers(draw: Draw, all: readonly number[], own: readonly number[], calmAt: number) {
  const changes = Array.from({ length: draw.integer(0, 6) }, () => ({
    at: draw.integer(0, calmAt - 1),
    servers: draw.chance(0.1) ? [] : drawSome(draw, all),
  }));
  changes.sort((a, b) => a.at - b.at);
  return [...changes, { at: calmAt, servers: own }];
}

function drawOptions(draw: Draw): PlainOptions {
  const attemptMs = draw.pick([150, 300, 500, 1_000]);
  const timeout = {
    attemptMs,
    totalMs: attemptMs * draw.pick([1, 2, 4, 8]),
    connectMs: draw.pick([50, 100, 150]),
    idleMs: draw.pick([100, 300, 1_000]),
  };
  return {
    timeout,
    retry: drawRetry(draw),
    circuitBreaker: drawCircuit(draw),
    bulkhead: draw.pick([
      false,
      { maxConcurrent: draw.integer(1, 12), maxQueued: draw.integer(0, 8) },
      { maxConcurrent: 50, maxQueued: 0 },
    ]),
    probe: draw.maybe(0.3, () => ({
      path: '/health',
      intervalMs: draw.pick([300, 1_000, 2_000]),
      timeoutMs: draw.pick([50, 300]),
      healthyThreshold: draw.integer(1, 2),
      unhealthyThreshold: draw.integer(1, 3),
      failFast: draw.chance(0.7),
    })),
  };
}

function drawRetry(draw: Draw): PlainOptions['retry'] {
  if (draw.chance(0.08)) return false;
  const baseDelayMs = draw.pick([0, 10, 50, 100]);
  const budget = {
    ratio: draw.pick([0, 0.1, 0.2, 1]),
    minRetriesPerSecond: draw.pick([0, 0.5, 1, 5]),
    windowMs: draw.pick([1_000, 3_000, 10_000]),
  };
  return {
    maxAttempts: draw.integer(1, 5),
    backoff: {
      baseDelayMs,
      maxDelayMs: draw.pick([100, 200, 500]),
      factor: draw.pick([1, 2, 3]),
      jitter: draw.pick(['full', 'equal', 'none']),
    },
    maxRetryAfterMs: draw.pick([500, 1_000, 5_000, 5_000]),
    budget: draw.chance(0.35) ? false : budget,
  };
}

function drawCircuit(draw: Draw): PlainOptions['circuitBreaker'] {
  if (draw.chance(0.15)) return false;
  const openMs = draw.pick([100, 500, 1_000, 3_000]);
  return {
    failureRatio: draw.pick([0.2, 0.5, 1]),
    minThroughput: draw.pick([1, 3, 5, 20]),
    // Old successes leave the window before old failures may: a circuit can open this long after the last fault.
    windowMs: draw.pick([2_000, 3_000, 5_000]),
    openMs,
    maxOpenMs: Math.max(openMs, draw.pick([500, 2_000, 7_000])),
  };
}
