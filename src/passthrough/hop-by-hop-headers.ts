/** Headers as Node gives them: lower-case names, duplicates joined, `set-cookie` as an array. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers on their way out. */
export type OutgoingHeaders = Record<string, string | readonly string[]>;

/**
 * Headers that concern one connection only and that an intermediary must not pass on.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header, by its lower-case name, belongs to one connection or frames one message: nobody may set it by hand. */
export function belongsToConnection(name: string): boolean {
  return HOP_BY_HOP.has(name) || name === 'content-length' || name === 'host';
}

/** The end-to-end headers: without hop-by-hop ones, without those that `Connection` names, and without the `unwanted`. */
export function endToEndHeaders(headers: HeaderRecord, unwanted?: ReadonlySet<string>): OutgoingHeaders {
  const named = connectionOptions(headers.connection);
  const kept: OutgoingHeaders = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || HOP_BY_HOP.has(name)) continue;
    if (unwanted?.has(name) || named?.has(name)) continue;
    kept[name] = value;
  }
  return kept;
}

/** The lower-case names in `Connection`; `undefined` where it can name no header, as is usual. */
export function connectionOptions(
  connection: string | readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    String(connection)
      .split(',')
      .map(option => option.trim().toLowerCase()),
  );
}
