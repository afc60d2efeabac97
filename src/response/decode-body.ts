import { DecodeError } from '../errors/decode-error.ts';
import type { ResponseType } from '../request/service-request.ts';
import type { ResponseHeaders } from '../transport/transport.ts';
import { type ContentType, parseContentType } from './content-type.ts';

/** A whole body and what is needed to read it. */
export interface BodyToDecode {
  /** After content decoding. */
  readonly bytes: Uint8Array;
  readonly headers: ResponseHeaders;
  readonly status: number;
  readonly responseType: ResponseType;
  readonly service: string;
  readonly endpoint: string;
}

/**
 * Reads a body by the call's `responseType`; an empty one is `undefined`.
 * The body of a failing status is read by its content type as far as it goes: the status is the error, not the body.
 *
 * @throws {@link DecodeError} when a successful answer's body is not what it claims or was asked to be
 */
export function decodeBody(input: BodyToDecode): unknown {
  const { bytes, headers, status, responseType } = input;
  if (bytes.byteLength === 0) return undefined;
  const contentType = parseContentType(headers['content-type']);
  if (status >= 300) return decodeLeniently(bytes, contentType);
  switch (responseType === 'auto' ? contentType.kind : responseType) {
    case 'json':
      return decodeJson(input, contentType);
    case 'text':
      return decodeText(input, contentType);
    default:
      return ownBytes(bytes);
  }
}

function decodeLeniently(bytes: Uint8Array, { kind, charset }: ContentType): unknown {
  if (kind === 'bytes') return ownBytes(bytes);
  const text = textOf(bytes, charset);
  if (text === undefined) return ownBytes(bytes);
  if (kind === 'text') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function decodeJson(input: BodyToDecode, contentType: ContentType): unknown {
  const text = decodeText(input, contentType);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const fault = contentType.kind === 'json' ? 'syntax' : 'content-type';
    throw decodeError(input, contentType, fault, cause);
  }
}

function decodeText(input: BodyToDecode, contentType: ContentType): string {
  const text = textOf(input.bytes, contentType.charset);
  if (text === undefined) throw decodeError(input, contentType, 'content-type');
  return text;
}

function decodeError(
  { service, endpoint, status }: BodyToDecode,
  contentType: ContentType,
  fault: 'syntax' | 'content-type',
  cause?: unknown,
): DecodeError {
  return new DecodeError({ service, endpoint, status, contentType: contentType.header, fault, cause });
}

/** The text without its byte order mark; `undefined` for a charset nobody knows. */
function textOf(bytes: Uint8Array, charset: string | undefined): string | undefined {
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Plain bytes that hold on to no more memory than they need: a small body is often a view of a large pool. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(bytes);
}
