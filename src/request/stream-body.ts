import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { RequestBody } from './request-body.ts';

/** A body that is read as it is sent, before anything of it was taken. */
export type StreamSource = Readable | WebStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** Whether a value can be read as a stream. */
export function isStreamSource(value: unknown): value is StreamSource {
  return (
    value instanceof Readable ||
    (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
  );
}

/** Why a stream cannot be sent, or `undefined`. */
export function streamProblem(source: StreamSource): string | undefined {
  if (isWebStream(source)) {
    if (source.locked) return 'is locked to another reader';
    return Readable.isDisturbed(source as unknown as Readable) ? 'has been read already' : undefined;
  }
  if ('readable' in source && source.readable === false) return 'has been read or destroyed already';
  return undefined;
}

/** A stream that can be sent once. Takes a web stream over, which locks it: only for a call that will be made. */
export function oneShotBody(source: StreamSource, byteLength: number | undefined): RequestBody {
  return { kind: 'one-shot', source: toReadable(source), byteLength };
}

/** A stream made afresh for every attempt. `open` throws when the function does not give a fresh one. */
export function factoryBody(factory: () => unknown, byteLength: number | undefined): RequestBody {
  const open = () => {
    const source = factory();
    if (!isStreamSource(source)) {
      // An async function is a mistake too; its rejection must not take the process down.
      Promise.resolve(source).catch(() => {});
      throw new TypeError('the body function did not return a stream');
    }
    const problem = streamProblem(source);
    if (problem !== undefined) throw new TypeError(`the stream that the body function returned ${problem}`);
    return toReadable(source);
  };
  return { kind: 'replayable', open, byteLength };
}

/** A blob, opened afresh for every attempt. */
export function blobBody(blob: Blob): RequestBody {
  return { kind: 'replayable', open: () => toReadable(blob.stream()), byteLength: blob.size };
}

function isWebStream(source: unknown): source is WebStream<Uint8Array> {
  return Object.prototype.toString.call(source) === '[object ReadableStream]';
}

function toReadable(source: StreamSource): Readable {
  if (source instanceof Readable) return source;
  return isWebStream(source) ? Readable.fromWeb(source) : Readable.from(source, { objectMode: false });
}
