import { isPlainObject, type PlainObject, setOwn } from './plain-object.ts';

/** Objects with a life of their own: kept by identity, even where they are written as literals. */
export const OPAQUE_OPTIONS: ReadonlySet<string> = new Set([
  'discovery',
  'strategy',
  'logger',
  'transport',
  'clock',
]);

/** Deeper than any option: what lies below is somebody else's, and may go in circles. */
const MAX_DEPTH = 6;

/** Copies a group of options without those that are `undefined`, groups within it and lists too. */
export function copyGroup(group: PlainObject, depth = 0): PlainObject {
  const copy: PlainObject = {};
  for (const [key, value] of Object.entries(group)) {
    if (value !== undefined) setOwn(copy, key, copyValue(key, value, depth + 1));
  }
  return copy;
}

/** Copies an option's value; functions, instances and opaque objects are kept. */
export function copyValue(key: string, value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH || OPAQUE_OPTIONS.has(key)) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyValue('', item, depth + 1));
  return isPlainObject(value) ? copyGroup(value, depth) : value;
}
