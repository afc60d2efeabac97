import type { Draw } from './draw.ts';
import type { CallPlan } from './scenario.ts';

const ABORT_ON = [
  'call:start',
  'attempt:start',
  'attempt:end',
  'retry:scheduled',
  'retry:refused',
  'bulkhead:queued',
  'call:end',
] as const;

/** One call, of any kind. */
export function drawCall(draw: Draw, id: number, at: number, client: number): CallPlan {
  const via = draw.pick([
    'call',
    'call',
    'call',
    'safe',
    'stream',
    'stream',
    'fetch',
    'fetch',
    'probe',
  ] as const);
  const method = draw.pick(['GET', 'GET', 'GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'POST', 'PATCH']);
  const mayHaveBody = method === 'PUT' || method === 'POST' || method === 'PATCH';
  return {
    id,
    at,
    client,
    via: via === 'probe' && draw.chance(0.8) ? 'call' : via,
    method,
    bytes: draw.pick([0, 1, 100, 5_000, 40_000, 100_000]),
    body: mayHaveBody ? draw.pick(['none', 'json', 'json', 'source', 'factory', 'broken-source']) : 'none',
    retry: draw.maybe(0.1, () => draw.pick([false, { maxAttempts: draw.integer(1, 6) }])),
    timeout: draw.maybe(0.1, () => {
      const attemptMs = draw.integer(10, 300);
      return { attemptMs, totalMs: attemptMs * draw.integer(1, 4) };
    }),
    deadlineMs: draw.maybe(0.1, () => draw.integer(-5, 500)),
    idempotent: draw.maybe(0.1, () => true),
    idempotencyKey: draw.maybe(0.1, () => true),
    fallback: draw.maybe(0.05, () => true),
    resume: draw.maybe(0.4, () => draw.integer(1, 4)),
    abort: draw.maybe(0.25, () => {
      const afterMs = draw.pick([0, 0, 1, draw.integer(1, 300)]);
      return { on: draw.chance(0.4) ? 'time' : draw.pick(ABORT_ON), afterMs };
    }),
    reader: {
      ...(draw.chance(0.15) && { leaveAfter: draw.pick([0, 1, 1_000, 30_000]) }),
      ...(draw.chance(0.15) && { pauseMs: draw.pick([1, 20, 100]) }),
    },
  };
}
