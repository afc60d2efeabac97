/** A documented default by option: `RetryOptions.maxAttempts` → `3`, as written. */
export type DocumentedDefaults = ReadonlyMap<string, string>;

const DECLARATION = /^export (?:interface|type) (\w+)/gm;
const MEMBER = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:readonly )?(\w+)\??:/g;

/** Reads `@defaultValue` of every member of every exported interface and type in a TypeScript source. */
export function documentedDefaults(source: string): DocumentedDefaults {
  const defaults = new Map<string, string>();
  for (const { 1: name = '', index } of source.matchAll(DECLARATION)) {
    const [body = ''] = source.slice(index + 'export'.length).split(/^export /m, 1);
    for (const [, comment = '', member = ''] of body.matchAll(MEMBER)) {
      const written = /@defaultValue (.*?)\s*$/m.exec(comment)?.[1];
      if (written !== undefined) defaults.set(`${name}.${member}`, written);
    }
  }
  return defaults;
}

/** The value a documented default stands for: `'full'`, `30 000`, `[500, 502]`, `{ a: 1 }`; `undefined` where it is prose. */
export function parseDocumentedDefault(written: string): unknown {
  const json = written
    .replace(/^`|`$/g, '')
    .replace(/(\d)[ _](?=\d{3})/g, '$1')
    .replace(/'/g, '"')
    .replace(/([{,]\s*)(\w+):/g, '$1"$2":');
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
