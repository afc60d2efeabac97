import { errorCode } from '../errors/error-code.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { StatusError } from '../errors/status-error.ts';
import type { ServiceRequest } from '../request/service-request.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import type { CallScope } from './scopes.ts';
import type { Step } from './stage.ts';

/** Tells of a call's start and end, which always pair, gives its error the decision log, and closes the call's books. */
export function reportCall(events: EventSink): Step<CallScope, Answer> {
  return {
    enter: ({ call }) => tellStart(call, events),
    replied({ status }, { call }) {
      tellEnd(call, events, { outcome: status < 400 ? 'success' : 'failure', status });
      call.answered();
    },
    failed: (error, { call, request }) => closeBooks(call, request, events, error),
  };
}

/** The same for a call that is over before it has begun. */
export function reportRefusal(call: Call, events: EventSink, error: ServiceClientError): void {
  tellStart(call, events);
  closeBooks(call, call.request, events, error);
}

function closeBooks(call: Call, request: ServiceRequest, events: EventSink, error: unknown): void {
  if (call.owns(error)) error.withAttempts(call.log, call.durationMs, requestIdOf(request));
  tellEnd(call, events, outcomeOf(error, call));
  call.answered();
}

function tellStart(call: Call, events: EventSink): void {
  if (events.wants('call:start')) events.emit('call:start', call.labels);
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

function tellEnd(call: Call, events: EventSink, outcome: CallOutcome): void {
  if (!events.wants('call:end')) return;
  events.emit('call:end', { ...call.labels, ...outcome, attempts: call.log, durationMs: call.durationMs });
}

function requestIdOf({ context }: ServiceRequest): string | undefined {
  const { requestId } = context;
  return typeof requestId === 'string' || typeof requestId === 'number' ? String(requestId) : undefined;
}
