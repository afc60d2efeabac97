import { z } from 'zod';
import { describeLabel, describeValue } from './describe-value.ts';

/** Node fires a timer above this at once instead of late. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** An HTTP token, RFC 9110 section 5.6.2. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value);
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** A timer that ends something: zero would end it before it began. */
export function isTimeout(value: unknown): value is number {
  return isFiniteNumber(value) && value > 0 && value <= MAX_TIMER_MS;
}

/** A wait, which may be none. */
export function isDelay(value: unknown): value is number {
  return isFiniteNumber(value) && value >= 0 && value <= MAX_TIMER_MS;
}

/** A span to look back over: no timer runs for it. */
export function isWindow(value: unknown): value is number {
  return isFiniteNumber(value) && value > 0;
}

/** A leaf of the schema: a test and, for the message, what it wants. */
export function rule<T>(test: (value: unknown) => boolean, expected: string, describe = describeValue) {
  return z.custom<T>(test, { error: issue => `expected ${expected}, got ${describe(issue.input)}` });
}

export const timeout = rule<number>(isTimeout, `milliseconds above 0 and up to ${MAX_TIMER_MS}`);
export const delay = rule<number>(isDelay, `milliseconds from 0 to ${MAX_TIMER_MS}`);
export const windowSpan = rule<number>(isWindow, 'milliseconds above 0');
export const timeLimit = rule<number | false>(
  value => value === false || isTimeout(value),
  `milliseconds above 0 and up to ${MAX_TIMER_MS}, or false`,
);

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  const expected = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const test = (value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  return rule<number>(test, `a whole number ${expected}`);
}

export function numberFrom(min: number) {
  return rule<number>(value => isFiniteNumber(value) && value >= min, `a number of at least ${min}`);
}

export const ratio = rule<number>(
  value => isFiniteNumber(value) && value >= 0 && value <= 1,
  'a share from 0 to 1',
);
export const positiveRatio = rule<number>(
  value => isFiniteNumber(value) && value > 0 && value <= 1,
  'a share above 0 and up to 1',
);
export const flag = rule<boolean>(value => typeof value === 'boolean', 'true or false');

/** One of a few words. They are no secrets, so a wrong one is shown. */
export function choice<const T extends string>(...words: T[]) {
  const expected = words.map(word => `"${word}"`).join(' or ');
  return rule<T>(value => words.some(word => word === value), expected, describeLabel);
}

export function callable<T>(expected = 'a function') {
  return rule<T>(value => typeof value === 'function', expected);
}

export function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return methods.every(name => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** Somebody else's object, judged by its methods and kept as it is. */
export function objectWith<T>(...methods: string[]) {
  return rule<T>(value => hasMethods(value, methods), `an object with ${methods.join('(), ')}()`);
}

export function listOf<T extends z.ZodType>(item: T, expected: string) {
  return z.array(item, { error: issue => `expected ${expected}, got ${describeValue(issue.input)}` });
}

/** A group of options, each of which may be left out; unknown ones are issues. */
export function group<T extends z.ZodRawShape>(shape: T) {
  const error = (issue: { code?: string; input?: unknown }) =>
    issue.code === 'invalid_type' ? `expected an object, got ${describeValue(issue.input)}` : undefined;
  return z.strictObject(shape, { error }).partial();
}

/** A group that `false` switches off and `true` on. */
export function switchable<T extends z.ZodType>(options: T) {
  return z.union([z.boolean(), options], {
    error: issue => `expected an object, true or false, got ${describeValue(issue.input)}`,
  });
}
