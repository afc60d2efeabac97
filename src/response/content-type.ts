/** A response's content type as far as reading the body goes. */
export interface ContentType {
  /** As it came. */
  readonly header: string | undefined;
  readonly kind: 'json' | 'text' | 'bytes';
  /** Lower case. */
  readonly charset: string | undefined;
}

const ABSENT: ContentType = { header: undefined, kind: 'bytes', charset: undefined };
/** What nearly every JSON service says, known without parsing. */
const COMMON = new Map<string, ContentType>(
  ['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8'].map(header => [
    header,
    { header, kind: 'json', charset: undefined },
  ]),
);
/** Text by another name. */
const TEXTUAL: ReadonlySet<string> = new Set([
  'application/xml',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/javascript',
  'application/yaml',
  'application/x-www-form-urlencoded',
]);
/** One parameter; a quoted value may hold anything, another `charset=` too (RFC 9110, 5.6.6). */
const PARAMETER = /;\s*([^\s;="]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))/g;

/** Reads a `content-type` header; without one a body is bytes. */
export function parseContentType(value: string | readonly string[] | undefined): ContentType {
  const header = typeof value === 'string' ? value : value?.[0];
  if (header === undefined) return ABSENT;
  const common = COMMON.get(header);
  if (common !== undefined) return common;
  const mediaType = header.split(';', 1)[0]!.trim().toLowerCase();
  return { header, kind: kindOf(mediaType), charset: charsetOf(header) };
}

function charsetOf(header: string): string | undefined {
  for (const [, name, quoted, plain] of header.matchAll(PARAMETER)) {
    if (name?.toLowerCase() === 'charset') return (quoted ?? plain)?.toLowerCase() || undefined;
  }
  return undefined;
}

function kindOf(mediaType: string): ContentType['kind'] {
  if (mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json'))
    return 'json';
  return mediaType.startsWith('text/') || mediaType.endsWith('+xml') || TEXTUAL.has(mediaType)
    ? 'text'
    : 'bytes';
}
