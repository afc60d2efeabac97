import { Readable } from 'node:stream';
import type { ReplyBody } from './transport.ts';

/** A body that is here already: an interceptor's own answer, or a transport without a wire. */
export function memoryBody(bytes: Uint8Array): ReplyBody {
  return {
    bytes: async () => bytes,
    stream: onEnd => {
      const body = Readable.from(bytes.length === 0 ? [] : [Buffer.from(bytes)], { objectMode: false });
      let ended = false;
      body.once('end', () => {
        ended = true;
      });
      body.once('close', () => {
        const error = body.errored;
        onEnd({ bytes: ended ? bytes.length : 0, abandoned: !ended && error === null, ...(error && { error }) });
      });
      return body;
    },
    discard: () => {},
    trailers: () => undefined,
  };
}
