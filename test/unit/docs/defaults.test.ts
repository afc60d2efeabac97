import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULTS, ENDPOINT_DEFAULTS, PROBE_DEFAULTS } from '../../../src/options/defaults.ts';
import { documentedDefaults, parseDocumentedDefault } from '../../support/documented-defaults.ts';
import { everyPage, type Row, readPage, repository, tables, tableWith } from './markdown.ts';

/** Which interface documents the options below a path. */
const INTERFACES: Readonly<Record<string, string>> = {
  '': 'ClientSettings',
  timeout: 'TimeoutOptions',
  retry: 'RetryOptions',
  'retry.backoff': 'BackoffOptions',
  'retry.budget': 'RetryBudgetOptions',
  circuitBreaker: 'CircuitBreakerOptions',
  bulkhead: 'BulkheadOptions',
  loadBalancing: 'LoadBalancingOptions',
  'endpoints[]': 'EndpointInit',
  probe: 'ProbeOptions',
  limits: 'LimitsOptions',
  pool: 'PoolOptions',
  propagate: 'PropagateOptions',
  interceptors: 'InterceptorOptions',
};

/** The code's defaults by path, without what is no plain value. */
const inCode = new Map<string, unknown>([
  ...leaves('', { ...DEFAULTS, clock: undefined, random: undefined }),
  ...leaves('probe', PROBE_DEFAULTS),
  ...leaves('endpoints[]', ENDPOINT_DEFAULTS),
]);

/** `@defaultValue` by path, as written. */
const inTsdoc = new Map(
  Object.entries(INTERFACES).flatMap(([path, name]) =>
    [...tsdocDefaults()]
      .filter(([option]) => option.startsWith(`${name}.`))
      .map(([option, written]) => [join(path, option.slice(name.length + 1)), written] as const),
  ),
);

const inReadme = tableWith(readPage('README.md'), 'option', 'default', 'meaning').rows;
const everyRow = everyPage().flatMap(page =>
  tables(page)
    .filter(({ columns }) => columns[0] === 'option' && columns[1] === 'default')
    .flatMap(({ rows }) => rows.map(row => ({ page: page.path, option: optionOf(row), row }))),
);

test('the README lists every option that has a default, once', () => {
  expect(inReadme.map(optionOf).sort()).toEqual([...inTsdoc.keys()].sort());
});

test('every default in the code is in the README', () => {
  expect(inReadme.map(optionOf)).toEqual(expect.arrayContaining([...inCode.keys()]));
});

describe.each(everyRow)('$option in $page', ({ option, row }) => {
  const written = row.default ?? '';

  test('has the default of its TSDoc', () => {
    const documented = inTsdoc.get(option) ?? '';
    expect(meaningOf(written)).toEqual(meaningOf(documented));
  });

  test('has the default of the code', () => {
    if (inCode.has(option)) expect(parseDocumentedDefault(written)).toEqual(inCode.get(option));
    else expect(parseDocumentedDefault(written), 'a value that the code does not have').toBeUndefined();
  });
});

function optionOf({ option = '' }: Row): string {
  return option.replaceAll('`', '');
}

/** The value, or the words where it is none. */
function meaningOf(written: string): unknown {
  return parseDocumentedDefault(written) ?? written;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function leaves(path: string, group: object): [string, unknown][] {
  return Object.entries(group).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined) return [];
    const isGroup = typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0;
    return isGroup ? leaves(join(path, key), value) : [[join(path, key), value]];
  });
}

function tsdocDefaults(): ReadonlyMap<string, string> {
  const folder = new URL('src/options/', repository);
  const files = readdirSync(folder).map(name => new URL(name, folder));
  files.push(new URL('src/discovery/endpoint-discovery.ts', repository));
  return new Map(files.flatMap(file => [...documentedDefaults(readFileSync(file, 'utf8'))]));
}
