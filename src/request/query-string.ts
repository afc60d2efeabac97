import type { Issue } from '../errors/issue.ts';
import { withGot } from '../options/describe-value.ts';
import type { Scalar } from './call-options.ts';
import { scalarProblem, scalarText } from './scalar.ts';

type Pair = readonly [name: string, value: string];

/** Appends a query to a path that may have one already; what cannot be written goes to `issues`. */
export function appendQuery(path: string, query: unknown, issues: Issue[]): string {
  if (query === undefined) return path;
  let joined = path;
  let joint = path.includes('?') ? (/[?&]$/.test(path) ? '' : '&') : '?';
  for (const [name, value] of fieldPairs(query, 'query', issues)) {
    joined += `${joint}${encode(name)}=${encode(value)}`;
    joint = '&';
  }
  return joined;
}

/** Fields as a form body. */
export function encodeForm(form: unknown, issues: Issue[]): string {
  if (form instanceof URLSearchParams) return form.toString();
  const encoded = new URLSearchParams();
  for (const [name, value] of fieldPairs(form, 'form', issues)) encoded.append(name, value);
  return encoded.toString();
}

function fieldPairs(fields: unknown, label: 'query' | 'form', issues: Issue[]): Pair[] {
  if (fields instanceof URLSearchParams) return [...fields];
  if (typeof fields !== 'object' || fields === null || Symbol.iterator in fields) {
    issues.push({ path: label, message: withGot('expected an object or URLSearchParams', fields) });
    return [];
  }
  const pairs: Pair[] = [];
  const add = (name: string, value: unknown, at: string) => {
    if (value === undefined) return;
    const problem = scalarProblem(value) ?? scalarProblem(name);
    if (problem === undefined) pairs.push([name, scalarText(value as Scalar)]);
    else issues.push({ path: at, message: problem });
  };
  for (const [name, value] of Object.entries(fields)) {
    const at = `${label}.${name}`;
    if (!Array.isArray(value)) add(name, value, at);
    else for (const [index, item] of value.entries()) add(name, item, `${at}[${index}]`);
  }
  return pairs;
}

/** The URL parser would write `'` as `%27` in a query: so do we, and the URL stays as it is. */
function encode(text: string): string {
  const encoded = encodeURIComponent(text);
  return encoded.includes("'") ? encoded.replaceAll("'", '%27') : encoded;
}
