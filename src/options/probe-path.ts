const BASE = 'http://endpoint/';
const UNSAFE = /[\\\p{Cc}\s#]|%2f|%5c/iu;

/** A path, with or without a query, that stays within the endpoint however its base path is joined to it. */
export function isProbePath(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || UNSAFE.test(value) || value.startsWith('//')) return false;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value)) return false;
  const path = value.split('?', 1)[0] ?? '';
  return !path.split('/').some(segment => /^(?:\.|%2e){1,2}$/i.test(segment)) && URL.canParse(value, BASE);
}

/** With its leading slash. */
export function normalizeProbePath(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
