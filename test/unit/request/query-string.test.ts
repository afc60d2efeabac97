import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/errors/issue.ts';
import { appendQuery, encodeForm } from '../../../src/request/query-string.ts';

function append(path: string, query: unknown): string | Issue[] {
  const issues: Issue[] = [];
  const joined = appendQuery(path, query, issues);
  return issues.length > 0 ? issues : joined;
}

describe('a query', () => {
  test('is appended to the path', () => {
    expect(append('/a', { q: 'x y', n: 1, big: 2n, yes: true, at: new Date(0) })).toBe(
      '/a?q=x%20y&n=1&big=2&yes=true&at=1970-01-01T00%3A00%3A00.000Z',
    );
  });

  test('joins a query that the path has already', () => {
    expect(append('/a?x=1', { y: 2 })).toBe('/a?x=1&y=2');
    expect(append('/a?', { y: 2 })).toBe('/a?y=2');
    expect(append('/a?x&', { y: 2 })).toBe('/a?x&y=2');
  });

  test('repeats the key for each item of an array', () => {
    expect(append('/a', { tag: ['x', 'y', 3] })).toBe('/a?tag=x&tag=y&tag=3');
  });

  test('leaves out what is undefined, and empty arrays', () => {
    expect(append('/a', { x: undefined, y: [undefined, 1], z: [] })).toBe('/a?y=1');
    expect(append('/a', {})).toBe('/a');
    expect(append('/a', undefined)).toBe('/a');
  });

  test('keeps an empty string', () => {
    expect(append('/a', { x: '' })).toBe('/a?x=');
  });

  test('may be URLSearchParams', () => {
    expect(append('/a', new URLSearchParams('x=1&x=a b'))).toBe('/a?x=1&x=a%20b');
  });

  test.each([
    ['null', { x: null }, 'query.x'],
    ['null in an array', { x: ['a', null] }, 'query.x[1]'],
    ['NaN', { x: Number.NaN }, 'query.x'],
    ['Infinity', { x: Number.NEGATIVE_INFINITY }, 'query.x'],
    ['an object', { x: { y: 1 } }, 'query.x'],
    ['an array in an array', { x: [['a']] }, 'query.x[0]'],
    ['a function', { x: () => 1 }, 'query.x'],
    ['a symbol', { x: Symbol('x') }, 'query.x'],
    ['an invalid date', { x: new Date(Number.NaN) }, 'query.x'],
    ['half a surrogate pair', { x: 'a\udc00' }, 'query.x'],
    ['half a surrogate pair as a name', { '\ud800': 'x' }, 'query.\ud800'],
  ])('refuses %s', (_, query, path) => {
    expect(append('/a', query)).toEqual([{ path, message: expect.any(String) }]);
  });

  test.each([
    ['a string', 'x=1'],
    ['null', null],
    ['a Map', new Map([['x', '1']])],
    ['an array', [['x', '1']]],
    ['a FormData', new FormData()],
  ])('refuses %s for the whole of it', (got, query) => {
    expect(append('/a', query)).toEqual([
      { path: 'query', message: `expected an object or URLSearchParams, got ${got}` },
    ]);
  });

  test('never shows a value in an issue', () => {
    expect(
      JSON.stringify(append('/a', { token: { secret: 'hunter2' }, key: 'hunter2\ud800' })),
    ).not.toContain('hunter2');
  });

  test('arrives as it was, and the URL parser leaves it alone', () => {
    const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string(), fc.integer(), fc.boolean());
    const fields = fc.dictionary(fc.string(), fc.oneof(scalar, fc.array(scalar)));
    fc.assert(
      fc.property(fields, query => {
        const joined = append('/a', query);
        fc.pre(typeof joined === 'string');
        const url = new URL(`http://users.test${joined}`);
        expect(url.href).toBe(`http://users.test${joined}`);
        const expected = Object.entries(query).flatMap(([name, value]) =>
          [value].flat().map(item => [name, String(item)]),
        );
        expect([...url.searchParams]).toEqual(expected);
      }),
    );
  });
});

describe('a form', () => {
  test('is urlencoded, with the rules of a query', () => {
    const issues: Issue[] = [];
    expect(encodeForm({ a: 'x y&z', b: [1, undefined, 2], c: undefined }, issues)).toBe('a=x+y%26z&b=1&b=2');
    expect(encodeForm(new URLSearchParams('a=1&a=2'), issues)).toBe('a=1&a=2');
    expect(issues).toEqual([]);
    encodeForm({ a: null }, issues);
    expect(issues).toEqual([{ path: 'form.a', message: expect.stringContaining('null') }]);
  });
});
