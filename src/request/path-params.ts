import type { Issue } from '../errors/issue.ts';
import type { Scalar } from './call-options.ts';
import { splitQuery } from './request-url.ts';
import { scalarProblem, scalarText } from './scalar.ts';

const PLACEHOLDER = /\{([^{}/]+)\}/g;

/** Whether the path part has a `{name}` to fill. */
export function isTemplate(path: string): boolean {
  return path.includes('{') && splitQuery(path).pathPart.search(PLACEHOLDER) >= 0;
}

/**
 * Fills each `{name}` of the path part, each value encoded as one segment; the query is left alone.
 * The template must be checked already: values come out so encoded that they cannot change its shape.
 */
export function fillPath(path: string, params: unknown, issues: Issue[]): string {
  if (params === undefined && !path.includes('{')) return path;
  const given = typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {};
  const { pathPart, query } = splitQuery(path);
  const used = new Set<string>();
  const filled = pathPart.replace(PLACEHOLDER, (_, name: string) => {
    used.add(name);
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const problem = value === undefined ? 'missing: the path needs it' : segmentProblem(value);
    if (problem === undefined) return encodeURIComponent(scalarText(value as Scalar));
    issues.push({ path: `params.${name}`, message: problem });
    return '_';
  });
  if (/[{}]/.test(filled)) {
    issues.push({
      path: 'path',
      message: 'has a "{" or "}" that belongs to no placeholder; write it as %7B or %7D',
    });
  }
  for (const name of Object.keys(given)) {
    if (used.has(name) || given[name] === undefined) continue;
    issues.push({ path: `params.${name}`, message: 'unused: the path has no such placeholder' });
  }
  return filled + query;
}

function segmentProblem(value: unknown): string | undefined {
  const problem = scalarProblem(value);
  if (problem !== undefined) return problem;
  if (value === '') return 'empty: it would leave a hole in the path';
  if (value === '.' || value === '..') return 'a path cannot be built with "." or ".."';
  return undefined;
}
