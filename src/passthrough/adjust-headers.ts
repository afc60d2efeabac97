import type { OutgoingHeaders } from './hop-by-hop-headers.ts';
import type { ExtraHeaders } from './passthrough-options.ts';

/** Drops some headers and sets others, as the options of a passthrough say. */
export function adjustHeaders(
  headers: OutgoingHeaders,
  drop: readonly string[] | undefined,
  extra: ExtraHeaders | undefined,
): OutgoingHeaders {
  if (drop !== undefined) for (const name of drop) delete headers[name.toLowerCase()];
  if (extra === undefined) return headers;
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) delete headers[name.toLowerCase()];
    else headers[name.toLowerCase()] = value;
  }
  return headers;
}
