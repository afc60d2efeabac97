import { Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';
import type { ResponseHeaders } from './transport.ts';

/** Makes a decoder for content whose first byte is `first`. */
type MakeDecoder = (first: number) => Transform;

const gunzip: MakeDecoder = () => zlib.createGunzip();

const DECODERS: Readonly<Record<string, MakeDecoder>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // Some servers leave out the zlib header that "deflate" means (RFC 9110, section 8.4.1.2).
  deflate: first => ((first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()),
  br: () => zlib.createBrotliDecompress(),
  // Node has it since 22.15.
  ...(typeof zlib.createZstdDecompress === 'function' && { zstd: () => zlib.createZstdDecompress() }),
};

/** How content that begins as it should begins; of a layer under another nothing is seen in advance. */
const ZLIB_HEADER = 0x78;

/** Decoders cost memory before the first byte: a hostile header could name thousands. */
const MAX_CODINGS = 5;

/** What a request accepts when its caller does not say. */
export const ACCEPTED_CODINGS = Object.keys(DECODERS)
  .filter(coding => coding !== 'x-gzip')
  .join(', ');

/** A body's content codings in the order in which they are to be undone. */
export type ContentCodings = readonly MakeDecoder[];

/** The codings of a reply; `undefined` when there is none, or one that we don't know: the body is then handed on as it is. */
export function contentCodings(headers: ResponseHeaders): ContentCodings | undefined {
  const header = headers['content-encoding'];
  if (header === undefined) return undefined;
  const names = String(header)
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity');
  if (names.length === 0 || names.length > MAX_CODINGS) return undefined;
  const decoders = names.map(name => (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined));
  return decoders.every(decoder => decoder !== undefined) ? decoders.reverse() : undefined;
}

/** The headers of a reply whose body we decode: they tell of the decoded one. */
export function decodedHeaders(headers: ResponseHeaders): ResponseHeaders {
  const { 'content-encoding': _coding, 'content-length': _length, ...decoded } = headers;
  return decoded;
}

/** Undoes content codings, from the first byte on: an empty body is none, coded or not. What follows the coded content is dropped. */
export class ContentDecoder extends Transform {
  readonly #codings: ContentCodings;
  #first: Transform | undefined;
  #last: Transform | undefined;
  #decoded = false;
  #waiting: TransformCallback | undefined;

  constructor(codings: ContentCodings) {
    super();
    this.#codings = codings;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    if (this.#decoded || chunk.length === 0) {
      callback();
      return;
    }
    this.#first ??= this.#chain(chunk[0] as number);
    this.#waiting = callback;
    if (this.#first.write(chunk)) this.#goOn();
  }

  override _flush(callback: TransformCallback): void {
    if (this.#decoded || this.#first === undefined) {
      callback();
      return;
    }
    this.#waiting = callback;
    this.#first.end();
  }

  override _read(size: number): void {
    this.#last?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // The rest of the chain goes with its two ends.
    this.#first?.unpipe();
    this.#first?.destroy();
    this.#last?.destroy();
    callback(error);
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #chain(firstByte: number): Transform {
    const decoders = this.#codings.map((make, layer) => make(layer === 0 ? firstByte : ZLIB_HEADER));
    for (const decoder of decoders) decoder.on('error', error => this.destroy(error));
    const first = decoders[0] as Transform;
    const last = decoders.reduce((from, to) => from.pipe(to));
    first.on('drain', () => this.#goOn());
    last.on('data', chunk => {
      if (!this.push(chunk)) last.pause();
    });
    last.once('end', () => {
      this.#decoded = true;
      this.#goOn();
    });
    this.#last = last;
    return first;
  }
}
