import { once } from 'node:events';
import type { Server } from 'node:http';

/** `server.close()` ends idle connections once only; one that becomes idle later stays for as long as its client keeps it. */
const LOOK_EVERY_MS = 50;

/**
 * Takes nothing new, lets every answer under way finish, and resolves when the last connection is gone.
 * `close` is the framework's own way, where it has one.
 */
export async function closeServer(
  server: Server,
  close: () => unknown = () => server.close(),
): Promise<void> {
  const closed = once(server, 'close');
  const look = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
  await Promise.all([close(), closed]);
  clearInterval(look);
}
