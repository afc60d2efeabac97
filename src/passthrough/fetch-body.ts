import { Readable } from 'node:stream';
import {
  ReadableStream,
  type ReadableStreamDefaultReader,
  type ReadableStreamReadResult,
  type UnderlyingSource,
} from 'node:stream/web';
import type { RequestBody } from '../request/request-body.ts';

/** Beyond this a body is sent as it comes. */
const MAX_HELD_BYTES = 1024 * 1024;

type Read = Promise<ReadableStreamReadResult<Uint8Array>>;

/**
 * The body of a `Request`. One made from a string or bytes has them all at hand, and is taken whole, so that the call can be resent
 * like any other; one that has to be waited for is a stream, to be sent once.
 */
export async function bodyOfRequest(stream: ReadableStream<Uint8Array>): Promise<RequestBody> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let held = 0;
  let next = readAhead(reader);
  while (held <= MAX_HELD_BYTES) {
    const step = await Promise.race([next, nextTurn()]).catch(() => undefined);
    if (step === undefined) break;
    if (step.done) return { kind: 'buffered', bytes: Buffer.concat(chunks) };
    chunks.push(step.value);
    held += step.value.byteLength;
    next = readAhead(reader);
  }
  const source = Readable.fromWeb(resume(chunks, next, reader));
  return { kind: 'one-shot', source, byteLength: undefined };
}

/** What has been read already, and then the rest. A web stream, since a generator cannot be ended while it waits for its source. */
function resume(
  chunks: Uint8Array[],
  pending: Read,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  let next: Read | undefined = pending;
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      const step = await (next ?? reader.read());
      next = undefined;
      if (step.done) controller.close();
      else controller.enqueue(step.value);
    },
    cancel: reason => reader.cancel(reason),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

function readAhead(reader: { read(): Read }): Read {
  const read = reader.read();
  // Awaited later: until then its failure is nobody's.
  read.catch(() => {});
  return read;
}

function nextTurn(): Promise<undefined> {
  return new Promise(resolve => setImmediate(resolve, undefined));
}
