import { errorCode } from '../errors/error-code.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { StatusError } from '../errors/status-error.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import type { CallScope } from './scopes.ts';
import type { Stage } from './stage.ts';

/** Tells of a call's start and end, which always pair, and gives its error the decision log. */
export function reportCall(events: EventSink): Stage<CallScope, Answer> {
  return async (scope, next) => {
    const { call } = scope;
    if (events.wants('call:start')) events.emit('call:start', call.labels);
    try {
      const answer = await next(scope);
      const { status } = answer;
      tellEnd(scope, events, { outcome: status < 400 ? 'success' : 'failure', status });
      return answer;
    } catch (error) {
      closeBooks(scope, events, error);
      throw error;
    }
  };
}

/** The same for a call that is over before it has begun. */
export function reportRefusal(call: Call, events: EventSink, error: ServiceClientError): void {
  if (events.wants('call:start')) events.emit('call:start', call.labels);
  closeBooks({ call, request: call.request }, events, error);
}

function closeBooks(scope: CallScope, events: EventSink, error: unknown): void {
  const { call } = scope;
  if (call.owns(error)) error.withAttempts(call.log, call.durationMs, requestIdOf(scope));
  tellEnd(scope, events, outcomeOf(error, call));
}

function outcomeOf(error: unknown, call: Call): CallOutcome {
  const code = errorCode(error);
  return {
    outcome: call.wasAborted(error) ? 'aborted' : 'failure',
    ...(error instanceof StatusError && call.owns(error) && { status: error.status }),
    ...(code !== undefined && { code }),
  };
}

interface CallOutcome {
  readonly outcome: 'success' | 'failure' | 'aborted';
  readonly status?: number;
  readonly code?: string;
}

function tellEnd({ call }: CallScope, events: EventSink, outcome: CallOutcome): void {
  if (!events.wants('call:end')) return;
  events.emit('call:end', { ...call.labels, ...outcome, attempts: call.log, durationMs: call.durationMs });
}

function requestIdOf({ request }: CallScope): string | undefined {
  const { requestId } = request.context;
  return typeof requestId === 'string' || typeof requestId === 'number' ? String(requestId) : undefined;
}
