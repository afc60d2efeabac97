import { expect, test } from 'vitest';
import type { Issue } from '../../../src/errors/issue.ts';
import {
  mergeHeaders,
  ownHeader,
  type RequestHeaders,
  withHeader,
} from '../../../src/request/request-headers.ts';

const BASE: RequestHeaders = Object.freeze({ 'user-agent': 'holdfast/1', 'x-team': 'video' });

function merge(own: unknown): RequestHeaders | Issue[] {
  const issues: Issue[] = [];
  const merged = mergeHeaders(BASE, own, issues);
  return issues.length > 0 ? issues : merged;
}

test("a call without headers shares the client's frozen object", () => {
  expect(merge(undefined)).toBe(BASE);
});

test("a call's own headers win, in any case", () => {
  expect(merge({ 'X-Team': 'audio', Accept: 'text/plain' })).toEqual({
    'user-agent': 'holdfast/1',
    'x-team': 'audio',
    accept: 'text/plain',
  });
  expect(BASE['x-team']).toBe('video');
});

test('undefined removes a header that the client would send', () => {
  expect(merge({ 'USER-AGENT': undefined, 'x-none': undefined })).toEqual({ 'x-team': 'video' });
});

test('arrays are sent as several values, copied, and an empty one as none', () => {
  const values = ['a', 'b'];
  const merged = merge({ 'x-list': values, 'x-team': [] }) as RequestHeaders;
  values.push('c');
  expect(merged).toEqual({ 'user-agent': 'holdfast/1', 'x-list': ['a', 'b'] });
});

test('an empty value is a value', () => {
  expect(merge({ 'x-team': '' })).toMatchObject({ 'x-team': '' });
});

test('Headers are as good as a record', () => {
  expect(merge(new Headers({ 'X-Team': 'audio' }))).toMatchObject({ 'x-team': 'audio' });
});

test.each([
  ...['host', 'Connection', 'keep-alive', 'content-length', 'Transfer-Encoding', 'te', 'trailer', 'upgrade'],
  ...['proxy-authorization', 'Proxy-Connection', 'proxy-anything'],
])('%s is refused', name => {
  expect(merge({ [name]: 'x' })).toEqual([
    { path: `headers.${name.toLowerCase()}`, message: expect.any(String) },
  ]);
});

test.each([
  ['a line break', 'a\r\nx-evil: 1'],
  ['CR', 'a\rb'],
  ['LF', 'a\nb'],
  ['NUL', 'a\0b'],
  ['DEL', 'a\x7f'],
  ['a character beyond Latin-1', 'ключ'],
  ['a number', 5],
  ['null', null],
  ['an object', {}],
  ['a bad item in an array', ['fine', 'a\nb']],
  ['undefined in an array', ['fine', undefined]],
])('%s in a value is refused', (_, value) => {
  expect(merge({ 'X-Foo': value })).toEqual([{ path: 'headers.x-foo', message: expect.any(String) }]);
});

test.each(['', 'a b', 'a\r\nb', 'a:b', 'ü', 'a\0'])('the name %j is refused', name => {
  expect(merge({ [name]: 'x' })).toHaveLength(1);
});

test('an issue never shows a value, not even one that slipped into the name', () => {
  const issues = merge({ 'x-key': 'hunter2\n', 'Authorization: Bearer hunter2': 'x' });
  expect(issues).toHaveLength(2);
  expect(JSON.stringify(issues)).not.toContain('hunter2');
});

test('the prototype cannot be reached through a name', () => {
  expect(merge(JSON.parse('{"__proto__":"x"}'))).toHaveLength(1);
  expect(merge({ constructor: 'x' })).toMatchObject({ constructor: 'x' });
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test.each([
  ['a string', 'x: 1'],
  ['null', null],
  ['pairs', [['x', '1']]],
  ['a Map', new Map()],
])('%s for all headers is refused', (_, own) => {
  expect(merge(own)).toEqual([{ path: 'headers', message: expect.any(String) }]);
});

test('one header more never changes the shared object', () => {
  expect(withHeader(BASE, BASE, 'x-a', '1')).toEqual({ ...BASE, 'x-a': '1' });
  expect(BASE).not.toHaveProperty('x-a');
  const own = { 'x-b': '2' };
  expect(withHeader(own, BASE, 'x-a', '1')).toBe(own);
  expect(own).toEqual({ 'x-b': '2', 'x-a': '1' });
});

test('what the call itself says about a header is told apart from what the client says', () => {
  expect(ownHeader({ 'X-A': '1' }, 'x-a')).toBe('1');
  expect(ownHeader({ 'X-A': undefined }, 'x-a')).toBeUndefined();
  expect(ownHeader({}, 'x-a')).toBe(false);
  expect(ownHeader(undefined, 'x-a')).toBe(false);
  expect(ownHeader(new Headers({ 'x-a': '1' }), 'x-a')).toBe('1');
  expect(ownHeader(new Headers(), 'x-a')).toBe(false);
});
