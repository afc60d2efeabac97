import type { ClientEventName } from './client-events.ts';

/** A record, so that the compiler sees to it that none is missing. */
const names: Readonly<Record<ClientEventName, true>> = {
  'call:start': true,
  'call:end': true,
  'call:deprecated': true,
  'attempt:start': true,
  'attempt:end': true,
  'retry:scheduled': true,
  'retry:refused': true,
  'hedge:launched': true,
  'bulkhead:queued': true,
  'bulkhead:rejected': true,
  'stream:progress': true,
  'stream:end': true,
  'circuit:open': true,
  'circuit:half-open': true,
  'circuit:close': true,
  'endpoint:added': true,
  'endpoint:removed': true,
  'endpoint:unavailable': true,
  'endpoint:available': true,
  'probe:success': true,
  'probe:failure': true,
  'discovery:failure': true,
};

/** The names of all events, in the order in which a call meets them. */
export const EVENT_NAMES = Object.keys(names) as readonly ClientEventName[];

/** Whether an event of that name exists. */
export function isEventName(name: unknown): name is ClientEventName {
  return typeof name === 'string' && Object.hasOwn(names, name);
}
