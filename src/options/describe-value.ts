import { isPlainObject } from './plain-object.ts';

const MAX_SHOWN = 40;
const CLASS_NAME = /^[A-Z][A-Za-z]{1,30}$/;

/** Names a value without showing what could be a secret: numbers and booleans as they are, everything else by its kind. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return 'an empty string';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? describeObject(value) : `a ${typeof value}`;
}

/** By the name of its class, which is code and no secret: `a Map`, `an invalid Date`. */
function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array';
    if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date';
    const name = isPlainObject(value) ? '' : String(value.constructor.name);
    if (CLASS_NAME.test(name)) return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
  } catch {
    // Anything can be given, also a revoked proxy.
  }
  return 'an object';
}

/** What was wanted, and what came instead. A message that says more than that is left as it is. */
export function withGot(wanted: string, value: unknown, describe = describeValue): string {
  return wanted.startsWith('expected ') ? `${wanted}, got ${describe(value)}` : wanted;
}

/** Quotes a text that is no secret, cut short. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}

/** As `describeValue`, but shows a string: for options that are a choice or a label. */
export function describeLabel(value: unknown): string {
  return typeof value === 'string' ? quote(value) : describeValue(value);
}
