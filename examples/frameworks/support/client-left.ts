import type { ServerResponse } from 'node:http';

// #region client-left
/** Aborts when the client leaves before it has its whole answer. */
export function clientLeft(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) controller.abort();
  });
  return controller.signal;
}
// #endregion
