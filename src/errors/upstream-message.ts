const MAX_LENGTH = 300;

/** Control characters that are not spaces, marks that reorder or hide text, and halves of surrogate pairs. */
const UNSAFE = /[^\P{Cc}\s]|[\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/**
 * The message an upstream wrote into its JSON body, made safe to show to a user: `message`, `error`, `error.message`,
 * `detail` or `title`, the first that is a string with something in it. At most 300 characters, on one line, without control characters.
 */
export function upstreamMessage(data: unknown): string | undefined {
  const error = own(data, 'error');
  const candidates = [
    own(data, 'message'),
    error,
    own(error, 'message'),
    own(data, 'detail'),
    own(data, 'title'),
  ];
  for (const candidate of candidates) {
    const text = typeof candidate === 'string' ? printable(candidate) : '';
    if (text !== '') return text;
  }
  return undefined;
}

function printable(text: string): string {
  // Cut first: the patterns need not run over a body of megabytes.
  const clean = text
    .slice(0, 4 * MAX_LENGTH)
    .replace(UNSAFE, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (clean.length <= MAX_LENGTH) return clean;
  return `${clean.slice(0, MAX_LENGTH - 1).replace(/\p{Cs}$/u, '')}…`;
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return Array.isArray(value) || !Object.hasOwn(value, key) ? undefined : Reflect.get(value, key);
  } catch {
    return undefined;
  }
}
