import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Issue } from '../../../src/errors/issue.ts';
import { fillPath, isTemplate } from '../../../src/request/path-params.ts';

function fill(path: string, params?: unknown): string | Issue[] {
  const issues: Issue[] = [];
  const filled = fillPath(path, params, issues);
  return issues.length > 0 ? issues : filled;
}

test('each placeholder is filled with its value', () => {
  expect(fill('/users/{id}/posts/{postId}.json', { id: 7, postId: 'x' })).toBe('/users/7/posts/x.json');
  expect(fill('/{a}-{b}', { a: 1n, b: true })).toBe('/1-true');
  expect(fill('/at/{when}', { when: new Date(0) })).toBe('/at/1970-01-01T00%3A00%3A00.000Z');
});

test('one value may fill several placeholders', () => {
  expect(fill('/{id}/{id}', { id: 'a' })).toBe('/a/a');
});

test('a value is encoded as one segment', () => {
  expect(fill('/files/{name}', { name: 'a/b' })).toBe('/files/a%2Fb');
  expect(fill('/files/{name}', { name: '../?#%\\ü{x}' })).toBe('/files/..%2F%3F%23%25%5C%C3%BC%7Bx%7D');
});

test.each(['', '.', '..'])('the value %j is refused', value => {
  expect(fill('/users/{id}', { id: value })).toEqual([{ path: 'params.id', message: expect.any(String) }]);
});

test.each([
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['an object', {}],
  ['an array', ['a']],
  ['a function', () => 'a'],
  ['half a surrogate pair', '\ud800'],
  ['an invalid date', new Date(Number.NaN)],
])('%s as a value is refused', (_, value) => {
  expect(fill('/users/{id}', { id: value })).toMatchObject([{ path: 'params.id' }]);
});

test('a placeholder without a value is an issue', () => {
  const missing = [{ path: 'params.id', message: 'missing: the path needs it' }];
  expect(fill('/users/{id}', {})).toEqual(missing);
  expect(fill('/users/{id}', { id: undefined })).toEqual(missing);
  expect(fill('/users/{id}')).toEqual(missing);
});

test('inherited properties fill nothing', () => {
  expect(fill('/{constructor}/{toString}', {})).toHaveLength(2);
  expect(fill('/{__proto__}', {})).toHaveLength(1);
  expect(fill('/{id}', Object.create({ id: 'inherited' }))).toHaveLength(1);
});

test('a value that the path has no place for is an issue, an undefined one is none', () => {
  expect(fill('/users/{id}', { id: 1, ID: 2 })).toEqual([
    { path: 'params.ID', message: 'unused: the path has no such placeholder' },
  ]);
  expect(fill('/users', { id: undefined })).toBe('/users');
});

test('placeholders in the query are left alone', () => {
  expect(fill('/users/{id}?fields={id}', { id: 1 })).toBe('/users/1?fields={id}');
  expect(fill('/users?fields={id}')).toBe('/users?fields={id}');
  expect(fill('/users?fields={id}', { id: 1 })).toMatchObject([{ path: 'params.id' }]);
});

test.each(['/a{b', '/a}b', '/{}', '/{a/b}', '/{id?}/x', '/{{id}}'])('the brace in %s is an issue', path => {
  expect(fill(path, { id: 1 })).toContainEqual({ path: 'path', message: expect.stringContaining('"{"') });
});

test('brackets are ordinary characters', () => {
  expect(fill('/[...slug]/[id]')).toBe('/[...slug]/[id]');
});

test('only a placeholder in the path part makes a template', () => {
  expect(isTemplate('/users/{id}')).toBe(true);
  expect(isTemplate('/users?x={id}')).toBe(false);
  expect(isTemplate('/users/7')).toBe(false);
  expect(isTemplate('/users/{}')).toBe(false);
});

test('a value never changes the number of segments and arrives as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), value => {
      const filled = fill('/a/{value}/b', { value });
      fc.pre(typeof filled === 'string');
      const { pathname } = new URL(`http://users.test${filled}`);
      const segments = pathname.split('/');
      expect(segments).toHaveLength(4);
      expect(decodeURIComponent(segments[2] ?? '')).toBe(value);
    }),
    { numRuns: 500 },
  );
});
