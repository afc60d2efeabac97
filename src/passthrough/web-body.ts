import type { Readable } from 'node:stream';

/** As much as a Node stream holds. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/** A body as a web stream, read as fast as it is asked for; cancelling it gives the body up. */
export function webBody(body: Readable): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        body.on('data', (chunk: Buffer) => {
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          if ((controller.desiredSize ?? 0) <= 0) body.pause();
        });
        body.on('end', () => {
          if (open) controller.close();
          open = false;
        });
        body.on('error', error => {
          if (open) controller.error(error);
          open = false;
        });
        body.on('close', () => {
          // Somebody destroyed it and said no more.
          if (open) controller.error(new TypeError('the body was cut off'));
          open = false;
        });
        body.pause();
      },
      pull() {
        body.resume();
      },
      cancel() {
        open = false;
        body.destroy();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK_BYTES }),
  );
}
