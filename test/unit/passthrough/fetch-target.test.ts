import { expect, test } from 'vitest';
import { fetchTarget } from '../../../src/passthrough/fetch-target.ts';

const BASES = ['http://10.0.0.1:3000/api', 'https://users.example'];

test.each([
  ['/users/1', '/users/1'],
  ['users?x=1', 'users?x=1'],
  ['', ''],
  ['/a?b=c:d\\e', '/a?b=c:d\\e'],
  ['/a#part', '/a'],
  ['http://10.0.0.1:3000/api/users?x=1#part', '/users?x=1'],
  ['HTTP://10.0.0.1:3000/api/a', '/a'],
  ['http://10.0.0.1:3000/api', ''],
  ['http://10.0.0.1:3000/api?x', '?x'],
  ['https://users.example:443/a', '/a'],
  ['http://users/a?b', '/a?b'],
  ['http://USERS:80/api/a', '/api/a'],
  ['http://users', '/'],
])('%s is %s below the base', (url, path) => {
  expect(fetchTarget(url, 'Users', BASES)).toEqual({ path });
});

test('a URL object is taken like its text', () => {
  expect(fetchTarget(new URL('http://users/a b'), 'users', BASES)).toEqual({ path: '/a%20b' });
});

test.each([
  'http://10.0.0.1:3000/apix/users',
  'http://10.0.0.1:3000/',
  'http://10.0.0.1:3000/api/../admin',
  'http://10.0.0.1:3000/api/%2e%2e/admin',
  'http://10.0.0.1/api/users',
  'https://10.0.0.1:3000/api/users',
  'https://users/a',
  'http://users:81/a',
  'http://users.example/a',
  'https://users.example.evil/a',
  'https://users.example@evil/a',
  'http://user:secret@users/a',
  'http://users\\@evil/',
  '/a\\b',
  '/a\nb',
  'http://us\ters/a',
  'http://',
  'file:///etc/passwd',
  'data:,x',
])('%s is refused, and the refusal does not repeat it', url => {
  const target = fetchTarget(url, 'users', BASES);
  expect(target).toEqual({ problem: expect.any(String) });
  expect(JSON.stringify(target)).not.toContain('secret');
});
