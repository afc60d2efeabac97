import type { Call } from '../pipeline/call.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import { bytesPerSecond } from '../time/throughput.ts';
import type { ChunkListener } from '../transport/transport.ts';

/** Least time between two events of one body. */
const EVERY_MS = 100;

/** Tells of a body's progress as its chunks arrive, if anybody listens: no timer, and nothing while nothing comes. */
export function streamProgress(call: Call, headAt: number, events: EventSink): ChunkListener {
  let bytes = 0;
  let toldAt = headAt;
  return length => {
    bytes += length;
    if (!events.wants('stream:progress')) return;
    const now = call.clock.monotonic();
    const attempt = call.log.at(-1);
    if (attempt === undefined || now - toldAt < EVERY_MS) return;
    toldAt = now;
    events.emit('stream:progress', {
      ...call.labels,
      attempt: attempt.number,
      endpoint: attempt.endpoint,
      bytes,
      durationMs: call.durationMs,
      bytesPerSecond: bytesPerSecond(bytes, now - headAt),
    });
  };
}
