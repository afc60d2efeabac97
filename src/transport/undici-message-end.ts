import type { ResponseHeaders, TransportRequest } from './transport.ts';

/** Whether nothing but the end of the connection tells that a body is whole. undici takes a reset for that end too. */
export function endsWithConnection({ method }: TransportRequest, headers: ResponseHeaders): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  return length === undefined && coding === undefined && method !== 'HEAD';
}

/** undici counts the bytes of a 304, whose length is that of the body it does not have (RFC 9110, section 8.6). */
export function isFalseAlarm(status: number, error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return status === 304 && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}
