import type { Issue } from '../errors/issue.ts';
import { describeLabel, describeValue, withGot } from '../options/describe-value.ts';
import { callSchema } from '../options/options-schema.ts';
import { isPlainObject } from '../options/plain-object.ts';
import { knownOptions } from '../options/schema-issues.ts';
import { suggestOption } from '../options/suggest-option.ts';
import { resumeProblem } from './resume-option.ts';
import type { RequestMode } from './service-request.ts';

type Check = (value: unknown) => string | undefined;

const oneOf =
  (...allowed: readonly unknown[]): Check =>
  value =>
    allowed.includes(value) ? undefined : `expected one of ${allowed.map(item => `"${item}"`).join(', ')}`;
const boolean: Check = value => (typeof value === 'boolean' ? undefined : 'expected true or false');
/** Checked where it is read. */
const elsewhere: Check = () => undefined;

const SHARED: Readonly<Record<string, Check>> = {
  params: value => (isFields(value) ? undefined : 'expected an object of names and values'),
  query: elsewhere,
  headers: elsewhere,
  json: elsewhere,
  form: elsewhere,
  body: elsewhere,
  bodyBytes: elsewhere,
  timeout: elsewhere,
  retry: elsewhere,
  signal: value => (isSignal(value) ? undefined : 'expected an AbortSignal'),
  deadline: elsewhere,
  idempotencyKey: elsewhere,
  idempotent: boolean,
  limits: elsewhere,
  redirect: elsewhere,
  hedge: elsewhere,
  route: value =>
    typeof value === 'string' && value !== '' ? undefined : 'expected a string with something in it',
  context: elsewhere,
  tags: value =>
    isPlainObject(value) && Object.values(value).every(tag => typeof tag === 'string')
      ? undefined
      : 'expected a plain object of strings',
};
const BUFFERED: Readonly<Record<string, Check>> = {
  schema: value => (isSchema(value) ? undefined : 'expected a Standard Schema (with a "~standard" property)'),
  responseType: oneOf('auto', 'json', 'text', 'bytes'),
  fallback: elsewhere,
};
const STREAMED: Readonly<Record<string, Check>> = { decompress: boolean, resume: resumeProblem };

const CHECKS = {
  buffered: new Map(Object.entries({ ...SHARED, ...BUFFERED })),
  stream: new Map(Object.entries({ ...SHARED, ...STREAMED })),
};
const OTHER_KIND = {
  buffered: new Map(Object.keys(STREAMED).map(name => [name, 'only for client.stream()'])),
  stream: new Map(Object.keys(BUFFERED).map(name => [name, 'not for streams'])),
};

/** Checks that every option is known and has the shape it needs, as far as no later step looks at it. */
export function checkCallOptions(
  options: Readonly<Record<string, unknown>>,
  mode: RequestMode,
  issues: Issue[],
): void {
  const kind = mode === 'buffered' ? 'buffered' : 'stream';
  for (const name of Object.keys(options)) {
    const value = options[name];
    if (value === undefined) continue;
    const check = CHECKS[kind].get(name);
    const problem =
      check === undefined ? (OTHER_KIND[kind].get(name) ?? unknownOption(name, kind)) : check(value);
    const describe = name === 'responseType' ? describeLabel : describeValue;
    if (problem !== undefined) issues.push({ path: name, message: withGot(problem, value, describe) });
  }
}

function unknownOption(name: string, kind: keyof typeof CHECKS): string {
  const meant = suggestOption(
    name,
    '',
    new Map([...knownOptions(callSchema), ['', [...CHECKS[kind].keys()]]]),
  );
  return meant === undefined ? 'unknown option' : `unknown option, did you mean "${meant}"?`;
}

function isFields(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value);
}

function isSignal(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AbortSignal>).aborted === 'boolean' &&
    typeof (value as Partial<AbortSignal>).addEventListener === 'function'
  );
}

/** A schema may be a function too (arktype's are). */
function isSchema(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Record<string, unknown>)['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof (standard as Record<string, unknown>).validate === 'function'
  );
}
