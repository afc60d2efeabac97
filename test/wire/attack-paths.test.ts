import { describe, expect, test } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { rejectionOf } from '../support/transport-request.ts';
import { openClient } from './open-client.ts';

/** Each climbs, leaves the origin, or means something else to whoever reads it next. */
const HOSTILE = [
  'http://evil.test/',
  'HTTPS://evil.test/',
  'file:///etc/passwd',
  'unix:/var/run/docker.sock:/info',
  'javascript:alert(1)',
  '//evil.test/x',
  '///evil.test/x',
  '/\\evil.test/x',
  '\\\\evil.test\\x',
  '\\x',
  '/a\\..\\b',
  '..',
  '../x',
  '/..',
  '/../x',
  '/a/../../x',
  '/a/..',
  '/.',
  '/a/./b',
  '/%2e%2e/x',
  '/%2E%2E/x',
  '/.%2e/x',
  '/%2e./x',
  '/a/%2e',
  '/..;/x',
  '/..;v=1/x',
  '/%2e%2e;/x',
  '/a/%2e%2e%2fx',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a%5C..%5Cb',
  '/%',
  '/%2',
  '/%zz',
  '/%u002e%u002e/x',
  '/a\r\nX-Evil: 1',
  '/a\nb',
  '/a\rb',
  '/a\tb',
  '/a\0b',
  '/a\x7fb',
  '/a\u0085b',
  '/\ud800',
  '/a#b',
  '/a?x=1#b',
  '/a?x=\r\nX-Evil: 1',
  '/a?x=\0',
  '\thttp://evil.test/',
];

/** Strange, and none of our business. */
const HARMLESS: [string, string][] = [
  ['/%252e%252e/x', '/%252e%252e/x'],
  ['/...', '/...'],
  ['/a..b/..c/d..', '/a..b/..c/d..'],
  ['/[...slug]', '/[...slug]'],
  ['/a?next=http://evil.test/../..', '/a?next=http://evil.test/../..'],
  ['/a?b=//evil.test', '/a?b=//evil.test'],
  ['/ä b', '/%C3%A4%20b'],
  ['/\uff0e\uff0e/x', '/%EF%BC%8E%EF%BC%8E/x'],
  ['/a@evil.test', '/a@evil.test'],
  ['/:80/x', '/:80/x'],
  [' http://evil.test/', '/%20http://evil.test/'],
  ['x', '/x'],
  ['', '/'],
  ['?a=1', '/?a=1'],
];

const WAYS = ['get', 'stream', 'fetch'] as const;

describe('a hostile path', () => {
  test.each(HOSTILE)('%j is refused before any I/O, by every way in', async path => {
    await using server = await startServer();
    await using client = openClient(`${server.url}/base`);
    const calls = {
      get: () => client.get(path),
      stream: () => client.stream('GET', path),
      fetch: () => client.fetch(path),
    };
    for (const way of WAYS) {
      // A fetch may be given an absolute URL of any shape, and drops a fragment as every fetch does.
      if (way === 'fetch' && path.includes('#')) continue;
      const error = await rejectionOf(calls[way]());
      expect([way, (error as { code: string }).code]).toEqual([way, 'ERR_INVALID_REQUEST']);
    }
    expect(await rejectionOf(client.post(path, { json: 1, params: {} }))).toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
    expect(server.connections).toBe(0);
  });

  test.each(['..', '.', '', '../x', 'a/../../b', 'a\\b', 'a\r\nb', '%2e%2e', 'a/b', 'a?b#c', '//evil.test'])(
    '%j as a parameter stays one segment below the base, or is refused',
    async value => {
      await using server = await startServer();
      await using client = openClient(`${server.url}/base`);
      const result = await client.safe.get('/users/{id}/x', { params: { id: value } });
      if (['..', '.', ''].includes(value)) {
        expect(result).toMatchObject({ error: { code: 'ERR_INVALID_REQUEST' } });
        expect(server.connections).toBe(0);
        return;
      }
      expect(server.requests.map(({ url }) => url)).toEqual([`/base/users/${encodeURIComponent(value)}/x`]);
    },
  );

  test('as a query value stays a value', async () => {
    await using server = await startServer();
    await using client = openClient(`${server.url}/base`);
    await client.get('/x', { query: { a: '&b=2#c\r\nX-Evil: 1', 'd=e&f': '/../..\\' } });
    const [seen] = server.requests;
    const url = new URL(seen?.url ?? '', server.url);
    expect([url.pathname, [...url.searchParams]]).toEqual([
      '/base/x',
      [
        ['a', '&b=2#c\r\nX-Evil: 1'],
        ['d=e&f', '/../..\\'],
      ],
    ]);
    expect(seen?.headers['x-evil']).toBeUndefined();
  });
});

test.each(HARMLESS)('the strange path %j arrives as %j', async (path, arrives) => {
  await using server = await startServer();
  await using client = openClient(`${server.url}/base`);
  await client.get(path);
  expect(server.requests.map(({ url }) => url)).toEqual([`/base${arrives}`]);
});

test.each([
  'http://u:p@x',
  'ftp://x',
  'http://x?y',
  'http://x#y',
  'http://x\\@evil.test',
  '//x',
  'x:80',
  'unix:/s',
])('the base URL %j is refused, and its password not shown', baseUrl => {
  let error: unknown;
  try {
    openClient(baseUrl);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'ERR_CONFIGURATION' });
  expect(String(error)).not.toContain('u:p');
});
