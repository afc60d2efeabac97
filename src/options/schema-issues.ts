import { z } from 'zod';
import type { Issue } from '../errors/issue.ts';
import { quote } from './describe-value.ts';
import { suggestOption } from './suggest-option.ts';

type Path = readonly PropertyKey[];

/** Names of the options in each group, by the group's path: what a mistyped one can have meant. */
export type KnownOptions = ReadonlyMap<string, readonly string[]>;

/** Reads the known options off a schema, once. */
export function knownOptions(schema: z.ZodType): KnownOptions {
  const known = new Map<string, readonly string[]>();
  collect(schema, '', known);
  return known;
}

function collect(schema: unknown, path: string, known: Map<string, readonly string[]>): void {
  if (schema instanceof z.ZodOptional) collect(schema.unwrap(), path, known);
  else if (schema instanceof z.ZodUnion) for (const option of schema.options) collect(option, path, known);
  else if (schema instanceof z.ZodArray) collect(schema.element, `${path}[]`, known);
  else if (schema instanceof z.ZodPipe) collect(schema.out, path, known);
  else if (schema instanceof z.ZodObject) {
    known.set(path, Object.keys(schema.shape));
    for (const [key, child] of Object.entries(schema.shape))
      collect(child, path === '' ? key : `${path}.${key}`, known);
  }
}

/** A schema's complaints as issues: one per unknown option, and a union's by the branch that was meant. */
export function schemaIssues(error: z.core.$ZodError | undefined, known: KnownOptions): Issue[] {
  return (error?.issues ?? []).flatMap(issue => translate(issue, [], known));
}

function translate(issue: z.core.$ZodIssue, parent: Path, known: KnownOptions): Issue[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find(branch => !branch.some(isWrongKind));
    if (meant !== undefined) return meant.flatMap(inner => translate(inner, path, known));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => unknownOption(key, path, known));
  }
  return [{ path: printPath(path), message: issue.message }];
}

/** The branch of a union that wanted something else altogether, such as a switch where settings were given. */
function isWrongKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys';
}

function unknownOption(key: string, parent: Path, known: KnownOptions): Issue {
  const group = printPath(parent);
  const suggestion = suggestOption(key, group.replace(/\[\d+\]/g, '[]'), known);
  const hint = suggestion === undefined ? '' : `, did you mean "${suggestion}"?`;
  return { path: printPath([...parent, printKey(key)]), message: `unknown option${hint}` };
}

/** `endpoints[1].url` */
export function printPath(path: Path): string {
  let printed = '';
  for (const part of path) {
    if (typeof part === 'number') printed += `[${part}]`;
    else printed += printed === '' ? String(part) : `.${String(part)}`;
  }
  return printed;
}

function printKey(key: string): string {
  return /^[\w.-]{1,40}$/.test(key) ? key : quote(key);
}
