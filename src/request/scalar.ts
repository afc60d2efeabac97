import type { Scalar } from './call-options.ts';

/** A scalar as it is written into URLs and forms. */
export function scalarText(value: Scalar): string {
  return typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : String(value);
}

/** Why a value cannot be written into a URL or form, or `undefined`. Never shows the value. */
export function scalarProblem(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : 'has half of a surrogate pair';
    case 'number':
      return Number.isFinite(value) ? undefined : `expected a finite number, got ${value}`;
    case 'bigint':
    case 'boolean':
      return undefined;
    case 'object':
      if (value === null) return 'null has no meaning here; leave it out, or give a string';
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'is an invalid date' : undefined;
  }
  return `expected a string, number, bigint, boolean or Date, got ${Array.isArray(value) ? 'an array' : typeof value}`;
}
