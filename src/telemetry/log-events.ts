import type { AttemptEndEvent, CallEvent, ClientEventMap, ClientEventName } from './client-events.ts';
import type { ClientEvents } from './event-emitter.ts';
import type { Logger } from './logger.ts';

type Level = 'debug' | 'info' | 'warn';

/** How one kind of event is logged. */
interface LogLine<Event> {
  readonly level: Level | ((event: Event) => Level);
  /** The message, without the service's name. */
  readonly text: (event: Event) => string;
}

/** What is logged. The starts are not: the line of an end says more. */
const LINES: { readonly [Name in ClientEventName]?: LogLine<ClientEventMap[Name]> } = {
  'attempt:end': {
    level: event => (hasFailed(event) ? 'warn' : 'debug'),
    text: event => `attempt ${event.attempt} of ${target(event)} ${outcome(event)}`,
  },
  'retry:scheduled': {
    level: 'info',
    text: event => `retrying ${target(event)} in ${ms(event.delayMs)} (${event.source}): ${reason(event)}`,
  },
  'retry:refused': {
    // A 404 is not worth a second line; an exhausted budget is an incident.
    level: ({ refused }) => REFUSAL_LEVELS[refused] ?? 'info',
    text: event => `not retrying ${target(event)} (${event.refused}): ${reason(event)}`,
  },
  'hedge:launched': {
    level: 'debug',
    text: event => `hedging ${target(event)} with attempt ${event.attempt} at ${event.endpoint}`,
  },
  'call:end': {
    level: 'debug',
    text: event =>
      `${target(event)} ended in ${event.outcome} after ${count(event.attempts.length)}, ${ms(event.durationMs)}`,
  },
  'call:deprecated': { level: 'warn', text: event => `${target(event)} ${reason(event)}` },
  'stream:end': {
    level: ({ outcome }) => (outcome === 'failure' ? 'warn' : 'debug'),
    text: event =>
      `stream of ${target(event)} ended in ${event.outcome}: ${event.bytes} bytes in ${ms(event.durationMs)}, ` +
      `${Math.round(event.bytesPerSecond)} bytes/s${event.resumes > 0 ? `, resumed ${times(event.resumes)}` : ''}`,
  },
  'bulkhead:queued': { level: 'debug', text: event => `${target(event)} waits for a slot` },
  'bulkhead:rejected': {
    level: 'warn',
    text: event =>
      `${target(event)} rejected, ${event.inFlight} calls in flight and ${event.queued} waiting already`,
  },
  'circuit:open': {
    level: 'warn',
    text: event => `circuit of ${event.endpoint} opened for ${ms(event.retryAfterMs)}: ${reason(event)}`,
  },
  'circuit:half-open': {
    level: 'info',
    text: event => `circuit of ${event.endpoint} is half-open: ${reason(event)}`,
  },
  'circuit:close': {
    level: 'info',
    text: event => `circuit of ${event.endpoint} closed: ${reason(event)}`,
  },
  'endpoint:added': { level: 'info', text: event => `endpoint ${event.endpoint} added: ${reason(event)}` },
  'endpoint:removed': {
    level: 'info',
    text: event => `endpoint ${event.endpoint} removed: ${reason(event)}`,
  },
  'endpoint:unavailable': {
    level: 'warn',
    text: event => `endpoint ${event.endpoint} is unavailable: ${reason(event)}`,
  },
  'endpoint:available': {
    level: 'info',
    text: event => `endpoint ${event.endpoint} is available: ${reason(event)}`,
  },
  'probe:success': {
    level: 'debug',
    text: event => `probe of ${event.endpoint} passed in ${ms(event.durationMs)}`,
  },
  'probe:failure': {
    level: 'warn',
    text: event => `probe of ${event.endpoint} failed after ${ms(event.durationMs)}: ${reason(event)}`,
  },
  'discovery:failure': { level: 'warn', text: event => `discovery failed: ${reason(event)}` },
};

const REFUSAL_LEVELS: Readonly<Record<string, Level>> = { 'not-retryable': 'debug', 'budget-spent': 'warn' };

/**
 * Logs what a client does: every attempt, retry, probe and circuit change. The fields are the event's own, and its name as `event`.
 *
 * @returns stops logging
 */
export function logEvents(events: Pick<ClientEvents, 'on'>, logger: Logger): () => void {
  const names = Object.keys(LINES) as ClientEventName[];
  const stops = names.map(name => logEvent(name, events, logger));
  return () => {
    for (const stop of stops) stop();
  };
}

function logEvent<Name extends ClientEventName>(
  name: Name,
  events: Pick<ClientEvents, 'on'>,
  logger: Logger,
): () => void {
  const line = LINES[name] as LogLine<ClientEventMap[Name]>;
  return events.on(name, event => {
    const level = typeof line.level === 'function' ? line.level(event) : line.level;
    // Returned, so that a logger that rejects is reported like one that throws.
    return logger[level]({ event: name, ...event }, `${event.service}: ${line.text(event)}`);
  });
}

function hasFailed({ outcome, status }: AttemptEndEvent): boolean {
  return outcome === 'error' || (outcome === 'response' && status !== undefined && status >= 400);
}

function outcome(event: AttemptEndEvent): string {
  const at = `at ${event.endpoint} after ${ms(event.durationMs)}`;
  if (event.outcome === 'aborted') return `aborted ${at}`;
  if (!hasFailed(event)) return `answered ${event.status} ${at}`;
  const why = event.reason === undefined ? (event.status ?? event.code) : reason(event);
  return `failed ${at}: ${why}`;
}

/** The route is a template; the path itself may hold ids and is never logged. */
function target({ method, route }: CallEvent): string {
  return route === undefined ? method : `${method} ${route}`;
}

/** An error's message begins with the service's name, and so does the line. */
function reason({ service, reason = '' }: { service: string; reason?: string | undefined }): string {
  const prefix = `${service}: `;
  return reason.startsWith(prefix) ? reason.slice(prefix.length) : reason;
}

function count(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

function times(resumes: number): string {
  return resumes === 1 ? 'once' : `${resumes} times`;
}

function ms(duration: number): string {
  return `${Math.round(duration)} ms`;
}
