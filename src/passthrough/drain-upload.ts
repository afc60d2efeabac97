import type { IncomingMessage } from 'node:http';
import type { Clock } from '../time/clock.ts';

/** How long, and for how many bytes, an upload that nobody wants is still taken off the wire. */
const MAX_DRAIN_MS = 1000;
const MAX_DRAINED_BYTES = 4 * 1024 * 1024;

/**
 * Reads the rest of an upload that was answered early and drops it; resolves when it is over or has gone on for too long.
 * Closing a connection with unread bytes resets it, and a client that is still sending might never see its answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function drainUpload(req: IncomingMessage, clock: Clock): Promise<void> {
  return new Promise(resolve => {
    let bytes = 0;
    const stop = () => {
      timer.clear();
      req.off('data', onData);
      req.off('end', stop);
      req.off('close', stop);
      req.off('error', stop);
      if (!req.readableEnded) req.pause();
      resolve();
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DRAINED_BYTES) stop();
    };
    const timer = clock.setTimeout(stop, MAX_DRAIN_MS);
    timer.unref?.();
    req.on('data', onData);
    req.on('end', stop);
    req.on('close', stop);
    req.on('error', stop);
    req.resume();
  });
}
