import { Draw } from './draw.ts';
import { drawCall } from './draw-call.ts';
import { drawClient } from './draw-client.ts';
import { type CallPlan, FAULT_KINDS, type Fault, type Scenario } from './scenario.ts';

/** How long the calm lasts until success is measured, and for how long it is. */
export const RECOVERY_MS = 10_000;
const MEASURED_MS = 4_000;
/** One plain call per client every so often while it is calm. */
const CALM_EVERY_MS = 200;

/** A scenario of its own for every seed. */
export function drawScenario(seed: number): Scenario {
  const draw = new Draw(seed);
  const servers = draw.integer(1, 5);
  const calmAt = draw.integer(2_000, 8_000);
  const endAt = calmAt + RECOVERY_MS + MEASURED_MS;
  const clients = Array.from({ length: draw.integer(1, 3) }, () => drawClient(draw, servers, calmAt));
  const faults = Array.from({ length: draw.integer(0, 3 + servers) }, () => drawFault(draw, servers, calmAt));
  const calls: CallPlan[] = [];
  const everyMs = draw.pick([8, 30, 100]);
  let at = 0;
  while (at < calmAt && calls.length < 600) {
    // Several at the same moment, now and then.
    for (let burst = draw.chance(0.1) ? draw.integer(2, 12) : 1; burst > 0; burst--) {
      calls.push(drawCall(draw, calls.length, at, draw.integer(0, clients.length - 1)));
    }
    at += Math.round(2 * everyMs * draw.random());
  }
  for (let time = calmAt; time < endAt; time += CALM_EVERY_MS) {
    clients.forEach((_, client) => {
      calls.push(plainCall(calls.length, time, client));
    });
  }
  const stalls = draw.chance(0.15)
    ? [{ at: draw.integer(100, calmAt), ms: draw.pick([80, 150, 400, 1500]) }]
    : [];
  return { seed, servers, clients, faults, calls, stalls, calmAt, endAt };
}

function drawFault(draw: Draw, servers: number, calmAt: number): Fault {
  const at = 10 * draw.integer(0, calmAt / 10);
  const kind = draw.pick([...FAULT_KINDS, 'errors', 'errors', 'slow'] as const);
  const status = draw.pick([500, 502, 503, 503, 504, 429, 404, 501]);
  const retryAfter = draw.maybe(0.4, () => draw.pick(['0', '1', '1', '1', '2', '-1', 'soon', '60']));
  const shouldRetry = draw.maybe(0.15, () => draw.pick(['true', 'false']));
  return {
    at,
    durationMs: Math.min(calmAt - at, 10 * draw.integer(1, 500)),
    server: draw.integer(0, servers - 1),
    kind,
    share: draw.pick([0.1, 0.3, 0.7, 1]),
    size: kind === 'flap' ? draw.pick([50, 200, 700]) : draw.pick([3, 10, 100]),
    status,
    headers: {
      ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      ...(shouldRetry !== undefined && { 'x-should-retry': shouldRetry }),
    },
  };
}

function plainCall(id: number, at: number, client: number): CallPlan {
  return { id, at, client, via: 'call', method: 'GET', bytes: 10, body: 'none', reader: {} };
}
