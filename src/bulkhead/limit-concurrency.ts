import type { CallScope } from '../pipeline/scopes.ts';
import type { Step } from '../pipeline/stage.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import type { Bulkhead } from './bulkhead.ts';

/** Gives the call a slot, held through retries and until a streamed body has ended. */
export function limitConcurrency(bulkhead: Bulkhead, events: EventSink): Step<CallScope, ReceivedReply> {
  return {
    enter: scope => enter(bulkhead, events, scope),
    replied(reply) {
      if (reply.bytes === undefined) reply.whenEnded(() => bulkhead.leave());
      else bulkhead.leave();
    },
    failed: () => bulkhead.leave(),
  };
}

function enter(bulkhead: Bulkhead, events: EventSink, { call }: CallScope): Promise<void> | undefined {
  const tell = (name: 'bulkhead:queued' | 'bulkhead:rejected') => {
    if (!events.wants(name)) return;
    events.emit(name, { ...call.labels, inFlight: bulkhead.inFlight, queued: bulkhead.queued });
  };
  try {
    const turn = bulkhead.enter(call.cancellation);
    if (turn !== undefined) tell('bulkhead:queued');
    return turn;
  } catch (error) {
    tell('bulkhead:rejected');
    throw error;
  }
}
