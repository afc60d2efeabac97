import type { CallScope } from '../pipeline/scopes.ts';
import type { Step } from '../pipeline/stage.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Clock } from '../time/clock.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { deprecationNotice, describeDeprecation } from './deprecation-notice.ts';

/** Routes are labels of few values; should they not be, memory stays bounded all the same. */
const MOST_ROUTES = 1_000;

/** Tells once per route that the service has announced the end of what is called there. */
export function noticeDeprecation(events: EventSink, clock: Clock): Step<CallScope, ReceivedReply> {
  const told = new Set<string>();
  return {
    replied({ headers }, { call, request }) {
      const { deprecation, sunset } = headers;
      if (deprecation === undefined && sunset === undefined) return;
      const route = `${request.method} ${request.route ?? ''}`;
      if (told.has(route) || told.size >= MOST_ROUTES) return;
      const notice = deprecationNotice(headers, clock.now());
      if (notice === undefined) return;
      told.add(route);
      const endpoint = call.log.at(-1)?.endpoint ?? '';
      const reason = describeDeprecation(notice, clock.now());
      if (events.wants('call:deprecated')) {
        events.emit('call:deprecated', { ...call.labels, endpoint, ...notice, reason });
      } else {
        // Somebody has to hear of it while there is still time.
        process.emitWarning(`${call.service}: ${route.trim()} ${reason}`, { code: 'HOLDFAST_DEPRECATED' });
      }
    },
  };
}
