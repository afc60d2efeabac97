import type { Information } from '../transport/transport.ts';
import type { ClientLink } from './client-link.ts';

const LINK = /<[^<>]*>(?:"[^"]*"|[^",])*/g;

/**
 * Passes on what an upstream says before it answers: links of 103 Early Hints, the one thing that Node writes there.
 * It is a hint: what comes too late, too fast, or in a form that Node does not write is dropped.
 */
export function forwardInformation({ req, res, open }: ClientLink, { status, headers }: Information): void {
  if (status !== 103 || !open || res.headersSent || req.socket.writableNeedDrain) return;
  const link = String(headers.link ?? '')
    .match(LINK)
    ?.map(value => value.trim());
  if (link === undefined) return;
  try {
    res.writeEarlyHints({ link });
  } catch {
    // Of another form than Node writes.
  }
}

/** HTTP/1.0 knows of no answer before the answer (RFC 9110, 15.2). */
export function takesInformation({ httpVersion }: { readonly httpVersion: string }): boolean {
  return httpVersion !== '1.0' && httpVersion !== '0.9';
}
