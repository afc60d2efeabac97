import type { Readable } from 'node:stream';

/** A request body, classified once: it decides whether the call can be resent and how it is sent. */
export type RequestBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'buffered'; readonly bytes: Uint8Array | string }
  | { readonly kind: 'replayable'; readonly open: () => Readable; readonly byteLength: number | undefined }
  | { readonly kind: 'one-shot'; readonly source: Readable; readonly byteLength: number | undefined };

export const EMPTY_BODY: RequestBody = { kind: 'empty' };
