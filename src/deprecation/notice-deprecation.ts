import type { CallScope } from '../pipeline/scopes.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Clock } from '../time/clock.ts';
import type { ReceivedReply } from '../transport/received-reply.ts';
import { deprecationNotice, describeDeprecation } from './deprecation-notice.ts';

/** Routes are labels of few values; should they not be, memory stays bounded all the same. */
const MOST_ROUTES = 1_000;

/** Tells once per route that the service has announced the end of what is called there. */
export function noticeDeprecation(events: EventSink, clock: Clock): Stage<CallScope, ReceivedReply> {
  const told = new Set<string>();
  return async (scope, next) => {
    const reply = await next(scope);
    const { deprecation, sunset } = reply.headers;
    if (deprecation === undefined && sunset === undefined) return reply;
    const { call, request } = scope;
    const route = `${request.method} ${request.route ?? ''}`;
    if (told.has(route) || told.size >= MOST_ROUTES) return reply;
    const notice = deprecationNotice(reply.headers, clock.now());
    if (notice === undefined) return reply;
    told.add(route);
    const endpoint = call.log.at(-1)?.endpoint ?? '';
    const reason = describeDeprecation(notice, clock.now());
    if (events.wants('call:deprecated')) {
      events.emit('call:deprecated', { ...call.labels, endpoint, ...notice, reason });
    } else {
      // Somebody has to hear of it while there is still time.
      process.emitWarning(`${call.service}: ${route.trim()} ${reason}`, { code: 'HOLDFAST_DEPRECATED' });
    }
    return reply;
  };
}
