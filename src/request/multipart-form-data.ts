import { Readable } from 'node:stream';
import type { RequestBody } from './request-body.ts';

/**
 * A form as `multipart/form-data` that reads the same on every attempt: one boundary, its entries as they are now.
 * Blobs are read only as they are sent.
 *
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 */
export function encodeMultipart(form: FormData, boundary: string): RequestBody {
  const parts: (string | Blob)[] = [];
  let byteLength = 0;
  const add = (part: string | Blob) => {
    parts.push(part);
    byteLength += typeof part === 'string' ? Buffer.byteLength(part) : part.size;
  };
  for (const [name, value] of form) {
    const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(crlf(name))}"`;
    if (typeof value === 'string') {
      add(`${disposition}\r\n\r\n${crlf(value)}\r\n`);
      continue;
    }
    const type = value.type || 'application/octet-stream';
    add(`${disposition}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`);
    add(value);
    add('\r\n');
  }
  add(`--${boundary}--\r\n`);
  return { kind: 'replayable', open: () => Readable.from(chunks(parts), { objectMode: false }), byteLength };
}

async function* chunks(parts: readonly (string | Blob)[]): AsyncGenerator<Uint8Array | string> {
  for (const part of parts) {
    if (typeof part === 'string') yield part;
    else yield* part.stream();
  }
}

function crlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}

function escapeName(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}
