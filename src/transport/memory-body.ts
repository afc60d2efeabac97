import { Readable } from 'node:stream';
import type { Cancellation } from '../time/cancellation.ts';
import type { ReplyBody } from './transport.ts';

/** A body that is here already, such as an interceptor's own answer; `cancellation` breaks it while it is read as a stream. */
export function memoryBody(bytes: Uint8Array, cancellation: Cancellation): ReplyBody {
  return {
    bytes: async () => bytes,
    stream: onEnd => {
      const body = Readable.from(bytes.length === 0 ? [] : [Buffer.from(bytes)], { objectMode: false });
      const onCancel = (reason: unknown) => body.destroy(reason as Error);
      // One that breaks before its reader listens must not end the process.
      body.on('error', () => {});
      body.once('close', () => {
        cancellation.offCancel(onCancel);
        const error = body.errored;
        const whole = body.readableEnded;
        onEnd({
          bytes: whole ? bytes.length : 0,
          abandoned: !whole && error === null,
          ...(error && { error }),
        });
      });
      cancellation.onCancel(onCancel);
      return body;
    },
    discard: () => {},
    trailers: () => undefined,
  };
}
