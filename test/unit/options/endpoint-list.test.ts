import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { resolveEndpoints } from '../../../src/options/resolve-endpoints.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf, refusalOf } from './issues-of.ts';

const resolve = (endpoints: unknown) =>
  resolveOptions({ name: 'users', endpoints } as ServiceClientOverrides);
const issues = (endpoints: unknown) => issuesOf(() => resolve(endpoints));
const printed = (url: string) => resolve([url]).endpoints?.[0]?.url;

describe('URLs', () => {
  test.each([
    ['http://localhost:3001', 'http://localhost:3001'],
    ['http://localhost:3001/', 'http://localhost:3001'],
    ['HTTP://LocalHost:80/', 'http://localhost'],
    ['https://a.example:443/api/v1/', 'https://a.example/api/v1'],
    ['https://a.example/api//', 'https://a.example/api'],
    ['https://a.example/@scope', 'https://a.example/@scope'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['http://a/x/../y', 'http://a/y'],
  ])('%s is printed as %s', (url, expected) => {
    expect(printed(url)).toBe(expected);
  });

  test.each([
    '',
    'localhost:3001',
    '//host',
    '/path',
    'ftp://host',
    'file:///etc/passwd',
    'http:',
    'http://',
    'http:/host',
    'http:host',
    'http:///host',
    'http:///user@host',
    'http:\\\\host',
    'http://h\\@evil',
    ' http://host',
    'http://ho st',
    'http://host\n',
    'http://host/\u0000',
    'http://host:99999',
    'http://user@host',
    'http://@host',
    'http://host?',
    'http://host#',
    'http://host/?a=1',
    'http://host/#a',
    5,
    null,
    undefined,
    new URL('http://host'),
  ])('%j is refused in one issue', url => {
    expect(issues([{ url }])).toEqual([expect.stringMatching(/^endpoints\[0\]\.url: /)]);
    expect(issuesOf(() => resolveOptions({ name: 'users', baseUrl: url } as ServiceClientOverrides))).toEqual(
      [expect.stringMatching(/^baseUrl: /)],
    );
  });

  test.each([
    [5, 'got 5'],
    [null, 'got null'],
    [['http://host'], 'got an array'],
    [new URL('http://host'), 'got a URL: give its href'],
  ])('%s is refused with what came', (baseUrl, got) => {
    expect(issuesOf(() => resolveOptions({ name: 'users', baseUrl } as never))).toEqual([
      expect.stringMatching(new RegExp(`^baseUrl: expected an http:// .*, ${got}$`)),
    ]);
  });

  test.each([
    'http://user:s3cret@host',
    'http://user:s3/cret@host',
    'http://user:p?s3cret@host',
    'http://user:p#s3cret@host',
    'http://user:s3cret@@host/?token=s3cret',
    'http://user:s3cret',
    'http://user:80/s3cret@host?a',
    'user:s3cret@host',
    'http:///user:s3cret@host',
    'ftp://user:s3cret@host',
    'http://host/?token=s3cret',
    'http://host/#s3cret',
    'http://host\\s3cret',
    's3cret',
  ])('no secret of %s is shown', url => {
    const error = refusalOf(() => resolve(['http://other', url]));
    expect(error.message).toContain('endpoints[1].url');
    expect(error.message + error.stack + JSON.stringify(error)).not.toMatch(/s3|cret/);
  });

  test('a URL with credentials is shown masked', () => {
    expect(issues(['http://user:pw@host:3001/api'])).toEqual([
      'endpoints[0].url: must not hold credentials, got "http://***@host:3001/api"',
    ]);
    expect(issues(['http://host/api?key=1'])).toEqual([
      'endpoints[0].url: must not have a query or fragment, got "http://host/api?***"',
    ]);
  });

  test('whatever is accepted prints as an absolute URL that is accepted again and prints the same', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string().map(text => `http://${text}`),
        ),
        url => {
          if (issues([url]).length > 0) return;
          const once = printed(url) ?? '';
          expect(once).toMatch(/^https?:\/\/[^/@?#\\]+(\/[^?#\\]*[^/?#\\])?$/);
          expect(printed(once)).toBe(once);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('lists', () => {
  test('mix URLs and objects', () => {
    const details = {
      url: 'https://b:8443/',
      weight: 0.5,
      serverName: 'b.example',
      hostHeader: 'b.example:8443',
    };
    expect(resolve(['http://a', details]).endpoints).toEqual([
      { url: 'http://a', weight: 1, serverName: undefined, hostHeader: undefined },
      { ...details, url: 'https://b:8443' },
    ]);
  });

  test('an empty one is refused', () => {
    expect(issues([])).toEqual(['endpoints: must name at least one endpoint']);
  });

  test.each([{}, 'http://a', 5])('%j is none', list => {
    expect(issues(list)).toEqual([expect.stringMatching(/^endpoints: expected a list of URLs/)]);
  });

  test('an item that is neither a URL nor an object is refused at its own place', () => {
    expect(issues(['http://a', 5, null])).toEqual([
      'endpoints[1]: expected a URL or an object with a url, got 5',
      'endpoints[2]: expected a URL or an object with a url, got null',
    ]);
  });

  test('the same URL twice is refused, however it is written', () => {
    expect(issues(['http://a', 'http://b', { url: 'HTTP://A:80/' }, 'http://b/'])).toEqual([
      'endpoints[2].url: duplicate of endpoints[0].url',
      'endpoints[3].url: duplicate of endpoints[1].url',
    ]);
    expect(issues(['http://a/x', 'http://a/y', 'https://a/x'])).toEqual([]);
  });

  test.each([
    ['weight', [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]],
    ['serverName', ['', 'a b', 'a\r\nb', 'a/b', '-a', 5]],
    ['hostHeader', ['', 'a b', 'a\r\nx: y', 'a/b', 'u@h', 'a\u0000', 5]],
  ])('a bad %s is refused', (key, values) => {
    for (const value of values) {
      expect(issues([{ url: 'http://a', [key]: value }])).toEqual([
        expect.stringMatching(new RegExp(`^endpoints\\[0\\]\\.${key}: expected `)),
      ]);
    }
  });
});

describe('lists from elsewhere', () => {
  test('follow the same rules and come out the same', () => {
    const list = ['http://a/', { url: 'http://b', weight: 3 }];
    expect(resolveEndpoints('users', list)).toEqual(resolve(list).endpoints);
    const bad = ['http://a', { url: 'ftp://b', wieght: 1 }, 'http://a/'] as never;
    expect(issuesOf(() => resolveEndpoints('users', bad))).toEqual(issues(bad));
    expect(
      issuesOf(() =>
        resolveEndpoints('users', [{ url: 'http://a', weight: undefined, x: undefined }] as never),
      ),
    ).toEqual([]);
  });

  test.each([[[]], [undefined], [null], ['http://a'], [{}]])('%j is refused', list => {
    expect(issuesOf(() => resolveEndpoints('users', list as never))).toHaveLength(1);
  });
});
