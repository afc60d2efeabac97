import { expect, test } from 'vitest';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { headerIssues } from '../../../src/options/header-rules.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { issuesOf, refusalOf } from './issues-of.ts';

const resolve = (headers: unknown) =>
  resolveOptions({ name: 'users', baseUrl: 'http://a', headers } as ServiceClientOverrides);
const issues = (headers: unknown) => issuesOf(() => resolve(headers));

test('names are lower-cased, lists stay lists, undefined is absent', () => {
  const headers = {
    'X-Team': 'a',
    Accept: ['text/html', '*/*'],
    'x-none': undefined,
    'x-empty': '',
    'x-latin': 'é',
  };
  expect(resolve(headers).headers).toEqual({
    'x-team': 'a',
    accept: ['text/html', '*/*'],
    'x-empty': '',
    'x-latin': 'é',
  });
});

test.each([
  'host',
  'Host',
  'connection',
  'Keep-Alive',
  'content-length',
  'Transfer-Encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-authorization',
  'Proxy-Connection',
  'proxy-anything',
])("%s is the transport's to set", name => {
  expect(issues({ [name]: 'x' })).toEqual([`headers.${name}: set by the transport, cannot be given`]);
});

test.each(['', 'a b', 'a:b', 'a\r\nb', 'ü', 'a\u0000'])('%j is no header name', name => {
  expect(issues({ [name]: 'x' })).toEqual([expect.stringMatching(/^headers\..*: not a valid header name$/)]);
});

test.each(['a\r\nb: c', 'a\nb', 'a\u0000', 'a\u007f', '€', ['fine', 'a\rb']])(
  '%j is no header value',
  value => {
    expect(issues({ 'x-team': value })).toEqual([
      'headers.x-team: holds characters that a header cannot carry',
    ]);
  },
);

test.each([5, null, true, {}, [5], ['a', null]])('%j is neither a string nor a list of them', value => {
  expect(issues({ 'x-team': value })).toEqual([
    expect.stringMatching(/^headers\.x-team: expected a string or a list of strings, got /),
  ]);
});

test.each([5, [], new Headers({ a: 'b' }), new Map(), 'a: b'])('%o is no record of headers', headers => {
  expect(issues(headers)).toEqual([
    expect.stringMatching(/^headers: expected an object of names and values, got /),
  ]);
});

test('the same header in two spellings is refused', () => {
  expect(issues({ 'X-Team': 'a', 'x-team': 'b' })).toEqual(['headers.x-team: the same header as X-Team']);
});

test('an undefined header is no issue, whatever its name', () => {
  expect(headerIssues({ host: undefined, 'a b': undefined })).toEqual([]);
});

test('every wrong header is listed', () => {
  expect(issues({ host: 'a', 'x-a': 5, 'x-b': 'fine', 'x c': '' })).toHaveLength(3);
});

test('no message shows a value, not even one written as a name', () => {
  const headers = { 'x-key': 's3cret\n', 'Authorization: Bearer s3cret': '', authorization: ['s3cret', 5] };
  const error = refusalOf(() => resolve(headers));
  expect(error.message.split('\n').length).toBe(4);
  expect(error.message + error.stack + JSON.stringify(error)).not.toContain('s3cret');
});

test('no message shows what stands in the place of credentials', () => {
  const secret = 's3cret';
  const options = {
    name: 'users',
    baseUrl: 'http://a',
    auth: secret,
    tls: { ca: { secret }, cert: [secret, 5], key: 5, passphrase: [secret], serverName: `${secret} ` },
    via: `${secret} x`,
    logger: secret,
    probe: { path: `//${secret}` },
    headers: secret,
  };
  const error = refusalOf(() => resolveOptions(options as unknown as ServiceClientOverrides));
  expect(error.message.split('\n').length).toBe(11);
  expect(error.message).not.toContain(secret);
});
