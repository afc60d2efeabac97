import { type Channel, channel } from 'node:diagnostics_channel';
import type { ClientEventName } from './client-events.ts';
import { EVENT_NAMES } from './event-names.ts';

const channels = new Map<ClientEventName, Channel>();
for (const name of EVENT_NAMES) channels.set(name, channel(`holdfast:${name}`));

/**
 * The `node:diagnostics_channel` of an event, `holdfast:<name>`, shared by all clients of the process.
 * A subscriber that throws there is reported by Node itself, as an uncaught exception of its own: the call goes on.
 */
export function diagnosticsChannel(name: ClientEventName): Channel {
  return channels.get(name) as Channel;
}
