import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/errors/issue.ts';
import { checkPath, resolveUrl } from '../../../src/request/request-url.ts';

function check(path: string): { path: string; issues: Issue[] } {
  const issues: Issue[] = [];
  return { path: checkPath(path, issues), issues };
}

/** The message a path is refused with, or the path it becomes. */
function verdict(path: string): string {
  const { path: checked, issues } = check(path);
  return issues[0]?.message ?? checked;
}

describe('a path that is fine', () => {
  test.each([
    ['', '/'],
    ['/', '/'],
    ['users', '/users'],
    ['/users', '/users'],
    ['/users/', '/users/'],
    ['?q=1', '/?q=1'],
    ['/v1.2/file.tar.gz', '/v1.2/file.tar.gz'],
    ['/.well-known/jwks.json', '/.well-known/jwks.json'],
    ['/...', '/...'],
    ['/[...slug]', '/[...slug]'],
    ['/users:batchGet', '/users:batchGet'],
    ['/a//b', '/a//b'],
    ['/http://other/', '/http://other/'],
    ['/a%20b', '/a%20b'],
    ['/a b', '/a%20b'],
    ['/größe/✓/😀', '/gr%C3%B6%C3%9Fe/%E2%9C%93/%F0%9F%98%80'],
    ['/a"<b>`{c}^', '/a%22%3Cb%3E%60%7Bc%7D%5E'],
    ["/it's?it's ü", "/it's?it%27s%20%C3%BC"],
    ['/a?path=../../b', '/a?path=../../b'],
    ['/a?next=http://other/%2f..%5c', '/a?next=http://other/%2f..%5c'],
    ['/a?share=100%', '/a?share=100%'],
    ['/a?x=\\', '/a?x=\\'],
    ['/a?b?c', '/a?b?c'],
  ])('%j becomes %j', (given, expected) => {
    expect(check(given)).toEqual({ path: expected, issues: [] });
  });
});

describe('a path that is refused', () => {
  test.each([
    ['http://evil.test/', /absolute/],
    ['HTTPS://evil.test/', /absolute/],
    ['http:evil.test', /absolute/],
    ['javascript:alert(1)', /absolute/],
    ['//evil.test/x', /names a host/],
    ['///evil.test/x', /names a host/],
    ['\\\\evil.test', /backslash/],
    ['/a\\..\\b', /backslash/],
    ['/\\evil.test', /backslash/],
    ['..', /segment/],
    ['.', /segment/],
    ['./a', /segment/],
    ['../up', /segment/],
    ['/..', /segment/],
    ['/a/..', /segment/],
    ['/a/../b', /segment/],
    ['/a/..?q', /segment/],
    ['/%2e%2e/b', /segment/],
    ['/%2E%2e/b', /segment/],
    ['/.%2e/b', /segment/],
    ['/%2E./b', /segment/],
    ['/a/%2e', /segment/],
    ['/a/..;x=1/b', /segment/],
    ['/a%2fb', /encoded "\/"/],
    ['/a%2Fb', /encoded "\/"/],
    ['/a%5cb', /encoded "\/"/],
    ['/..%2f..%5C', /encoded "\/"/],
    ['/a\r\nb', /control/],
    ['/a\0b', /control/],
    ['/a\tb', /control/],
    ['/a\x7fb', /control/],
    ['/a\x85b', /control/],
    ['/a?b\nc', /control/],
    ['\thttp://evil.test', /control/],
    ['/a#b', /fragment/],
    ['/a?b#c', /fragment/],
    ['/100%', /hex digits/],
    ['/a%2', /hex digits/],
    ['/a%zz', /hex digits/],
    ['/a\ud800', /surrogate/],
    ['/a?b\udc00', /surrogate/],
  ])('%j is refused', (given, message) => {
    expect(verdict(given)).toMatch(message);
  });

  test('a path that is no string is refused', () => {
    expect(verdict(undefined as unknown as string)).toBe('expected a string, got nothing');
    expect(verdict(new URL('http://a.test') as unknown as string)).toBe('expected a string, got a URL');
  });

  test('the issue is filed under "path"', () => {
    expect(check('../x').issues).toEqual([{ path: 'path', message: expect.any(String) }]);
  });
});

const nasty = fc.constantFrom(
  ...[
    '/',
    '//',
    '\\',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%5C',
    '%',
    '%25',
    '@',
    ':',
    ';',
    '?',
    '#',
    '&',
    '=',
    '{',
    '}',
  ],
  ...[
    'http:',
    'https://',
    'file:',
    'evil.test',
    'h\\@evil',
    ' ',
    '\t',
    '\n',
    '\r',
    '\0',
    '\x7f',
    '\u00a0',
    '\u2028',
  ],
  ...[
    'ü',
    '😀',
    '\ud83d',
    '\ude00',
    '。',
    '％2e',
    '\ufeff',
    '[',
    ']',
    '|',
    '^',
    '`',
    "'",
    '"',
    '<',
    '>',
    'C|',
    '~',
    '$',
  ],
);
const anyPath = fc.oneof(
  fc
    .array(fc.oneof(nasty, fc.string({ maxLength: 3 }), fc.webSegment()), { maxLength: 12 })
    .map(parts => parts.join('')),
  fc.string({ unit: 'binary' }),
  fc.webPath(),
);
const anyEndpoint = fc.constantFrom(
  'http://localhost:3001',
  'https://users.test',
  'https://users.test/api/v1',
  'http://[::1]:8080/base',
);

test('a joined URL stays on the origin and below the base path, for any accepted input', () => {
  fc.assert(
    fc.property(anyEndpoint, anyPath, (endpoint, path) => {
      const { path: checked, issues } = check(path);
      fc.pre(issues.length === 0);
      const url = new URL(resolveUrl(endpoint, checked));
      const base = new URL(endpoint);
      expect(url.origin).toBe(base.origin);
      expect(url.username + url.password + url.hash).toBe('');
      expect(url.pathname.startsWith(`${base.pathname.replace(/\/$/, '')}/`)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('a checked path is what the URL parser makes of it, so that the wire carries what interceptors saw', () => {
  fc.assert(
    fc.property(anyPath, path => {
      const { path: checked, issues } = check(path);
      fc.pre(issues.length === 0);
      const joined = `http://users.test${checked}`;
      expect(new URL(joined).href).toBe(joined);
    }),
    { numRuns: 5000 },
  );
});

test('checking a checked path again changes nothing', () => {
  fc.assert(
    fc.property(anyPath, path => {
      const once = check(path);
      fc.pre(once.issues.length === 0);
      const again = check(once.path);
      expect(again).toEqual(once);
    }),
  );
});

test('no path takes long to check', () => {
  const started = performance.now();
  for (const unit of ['a', 'a/', '/', 'a.', '.a/', '%41', '%', 'ü', '?', 'a;', '..;'])
    verdict(`/${unit.repeat(200_000)}`);
  expect(performance.now() - started).toBeLessThan(2000);
});
