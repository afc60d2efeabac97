const MAX_SHOWN = 40;

/** Names a value without showing what could be a secret: numbers and booleans as they are, everything else by its kind. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return 'an empty string';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Quotes a text that is no secret, cut short. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}

/** As `describeValue`, but shows a string: for options that are a choice or a label. */
export function describeLabel(value: unknown): string {
  return typeof value === 'string' ? quote(value) : describeValue(value);
}
