import { once } from 'node:events';
import type { Server } from 'node:http';

// #region close-server
/** `server.close()` ends what is idle at that moment; later ones would stay for as long as their clients keep them. */
const LOOK_EVERY_MS = 50;

/** Takes nothing new and lets every answer under way finish. `close` is the framework's own way, where it has one. */
export async function closeServer(server: Server, close: () => unknown = () => server.close()) {
  const closed = once(server, 'close');
  const look = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
  await Promise.all([close(), closed]);
  clearInterval(look);
}
// #endregion
