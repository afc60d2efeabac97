import { createCipheriv, createHash } from 'node:crypto';

export const VIDEO_BYTES = 512 * 1024 * 1024;

const CHUNK_BYTES = 128 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** The id in a YouTube link; `undefined` for any other text. */
export function videoId(link: unknown): string | undefined {
  const pattern = /^https:\/\/(?:(?:www\.)?youtube\.com\/watch\?v=|youtu\.be\/)([\w-]{6,20})$/;
  return typeof link === 'string' ? pattern.exec(link)?.[1] : undefined;
}

/**
 * A video's bytes, chunk by chunk: they look random and are the same each time, so that nothing has to be kept.
 * It is the key stream of a cipher whose key comes from the id.
 */
export function* videoChunks(id: string): Generator<Buffer, void> {
  const key = createHash('sha256').update(id).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let sent = 0; sent < VIDEO_BYTES; sent += CHUNK_BYTES) yield cipher.update(ZEROS);
}
