import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidRequestError } from '../../../src/errors/invalid-request-error.ts';
import type { ServiceClientOverrides } from '../../../src/options/client-options.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { normalizeRequest } from '../../../src/request/normalize-request.ts';
import type { RequestMode } from '../../../src/request/service-request.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const resolve = (given: ServiceClientOverrides = {}) =>
  resolveOptions({
    name: 'users',
    baseUrl: 'http://users.test',
    random: seededRandom(1),
    ...given,
  } as ServiceClientOverrides);
const OPTIONS = resolve({ headers: { 'user-agent': 'holdfast/1' } });
const AMBIENT = Object.freeze({ requestId: 'r1' });

interface Given {
  method?: unknown;
  path?: unknown;
  call?: unknown;
  mode?: RequestMode;
  options?: typeof OPTIONS;
  ambient?: Readonly<Record<string, unknown>>;
}

function normalize({
  method = 'GET',
  path = '/users',
  call,
  mode = 'buffered',
  options = OPTIONS,
  ambient = AMBIENT,
}: Given) {
  return normalizeRequest({
    options,
    method: method as string,
    path: path as string,
    call: call as object | undefined,
    mode,
    ambient,
  });
}

const post = (call: unknown, given: Given = {}) => normalize({ method: 'POST', call, ...given });

/** Every issue of a call that is refused, `path: message`. */
function issues(given: Given): string[] {
  try {
    normalize(given);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError);
    return (error as InvalidRequestError).issues.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

test('a call without options shares everything with its client', () => {
  const request = normalize({});
  expect(request).toEqual({
    mode: 'buffered',
    method: 'GET',
    path: '/users',
    headers: OPTIONS.headers,
    body: { kind: 'empty' },
    resendable: true,
    settings: OPTIONS,
    deadline: undefined,
    signal: undefined,
    decompress: true,
    maxResumes: 0,
    route: undefined,
    context: AMBIENT,
    tags: undefined,
    responseType: 'auto',
    schema: undefined,
    fallback: undefined,
  });
  expect(request.headers).toBe(OPTIONS.headers);
  expect(request.settings).toBe(OPTIONS);
  expect(request.context).toBe(AMBIENT);
});

test('a call with every option carries them on', () => {
  const { signal } = new AbortController();
  const schema = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } };
  const tags = { tier: 'gold' };
  const fallback = () => [];
  const request = normalize({
    path: 'users/{id}?x=1',
    call: {
      params: { id: 'a/b' },
      query: { y: 2 },
      signal,
      schema,
      tags,
      fallback,
      responseType: 'json',
      route: 'user',
    },
  });
  expect(request).toMatchObject({ path: '/users/a%2Fb?x=1&y=2', tags, responseType: 'json', route: 'user' });
  expect(request.signal).toBe(signal);
  expect(request.schema).toBe(schema);
  expect(request.fallback).toBe(fallback);
});

test('everything that is wrong is told at once, and nothing that was given is shown', () => {
  const { signal } = new AbortController();
  const source = Readable.from(['a']);
  let error: unknown;
  try {
    normalize({
      method: 'GE T',
      path: '/a/{id}',
      call: {
        params: { other: 'hunter2' },
        query: { q: null },
        headers: { 'x-key': 'hunter2\n', host: 'hunter2' },
        body: source,
        bodyBytes: 'hunter2',
        deadline: 'hunter2',
        signal: 'hunter2',
        context: 'hunter2',
        tags: { a: 1 },
        route: '',
        responseType: 'hunter3',
        schema: {},
        idempotent: 'hunter2',
        idempotencyKey: 'hunter2\n',
        timeout: { totalMs: -1 },
        redirect: 'hunter2',
        parms: {},
      },
    });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InvalidRequestError);
  const paths = (error as InvalidRequestError).issues.map(issue => issue.path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'method',
      'params.id',
      'params.other',
      'query.q',
      'headers.x-key',
      'headers.host',
      'bodyBytes',
    ]),
  );
  expect(paths).toEqual(
    expect.arrayContaining([
      'deadline',
      'signal',
      'context',
      'tags',
      'route',
      'responseType',
      'schema',
      'idempotent',
      'parms',
    ]),
  );
  expect(paths).toEqual(expect.arrayContaining(['idempotencyKey', 'timeout.totalMs', 'redirect']));
  expect((error as InvalidRequestError).service).toBe('users');
  expect(
    JSON.stringify((error as InvalidRequestError).issues.filter(issue => issue.path !== 'redirect')),
  ).not.toContain('hunter2');
  expect(source.destroyed).toBe(false);
  expect(source.readableDidRead).toBe(false);
  expect(signal.aborted).toBe(false);
});

describe('the method', () => {
  test('is sent in upper case', () => {
    expect(normalize({ method: 'patch' }).method).toBe('PATCH');
  });

  test.each([
    ['', 'an empty string'],
    ['GE T', 'a string'],
    ['GET\r\nX: y', 'a string'],
    [null, 'null'],
    [5, '5'],
  ])('%j is refused', (method, got) => {
    expect(issues({ method })).toEqual([`method: expected a method such as "GET", got ${got}`]);
  });

  test('CONNECT is refused in any case', () => {
    expect(issues({ method: 'connect' })).toEqual([expect.stringMatching(/^method: CONNECT/)]);
  });
});

describe('options', () => {
  test('an unknown one is refused, with the one probably meant', () => {
    expect(issues({ call: { querry: {} } })).toEqual(['querry: unknown option, did you mean "query"?']);
    expect(issues({ call: { totalMs: 5 } })).toEqual([
      'totalMs: unknown option, did you mean "timeout.totalMs"?',
    ]);
    expect(issues({ call: { xyzzy: 1 } })).toEqual(['xyzzy: unknown option']);
    expect(issues({ call: JSON.parse('{"__proto__":{}}') })).toEqual(['__proto__: unknown option']);
  });

  test('an explicit undefined counts as absent', () => {
    const absent = {
      params: undefined,
      query: undefined,
      headers: undefined,
      json: undefined,
      timeout: undefined,
    };
    expect(
      normalize({ call: { ...absent, signal: undefined, hedge: undefined, whatever: undefined } }),
    ).toEqual(normalize({}));
  });

  test.each([
    [null, 'null'],
    ['x', 'a string'],
    [5, '5'],
    [[], 'an array'],
    [new Map(), 'a Map'],
  ])('%j for all of them is refused', (call, got) => {
    expect(issues({ call })).toEqual([`options: expected an object, got ${got}`]);
  });

  test('those of a stream are refused on a call, and the other way round', () => {
    expect(issues({ call: { decompress: false } })).toEqual(['decompress: only for client.stream()']);
    expect(issues({ call: { resume: true } })).toEqual(['resume: only for client.stream()']);
    for (const name of ['schema', 'responseType', 'fallback']) {
      expect(issues({ mode: 'stream', call: { [name]: {} } })).toEqual([`${name}: not for streams`]);
    }
    expect(normalize({ mode: 'stream', call: { decompress: false } }).decompress).toBe(false);
    expect(normalize({ mode: 'stream', call: { resume: false } }).decompress).toBe(true);
  });

  test('what is not built yet is refused, never ignored', () => {
    expect(issues({ call: { hedge: { delayMs: 5 } } })).toEqual([
      expect.stringMatching(/^hedge: .*not available yet/),
    ]);
    expect(issues({ call: { hedge: false } })).toEqual([]);
  });

  test.each([
    [undefined, 0],
    [false, 0],
    [true, 3],
    [{}, 3],
    [{ maxResumes: 0 }, 0],
    [{ maxResumes: 7 }, 7],
  ])('a stream with resume %j is taken up %i times at most', (resume, maxResumes) => {
    expect(normalize({ mode: 'stream', call: { resume } }).maxResumes).toBe(maxResumes);
  });

  test.each([
    [1],
    ['yes'],
    [null],
    [{ max: 3 }],
    [{ maxResumes: -1 }],
    [{ maxResumes: 1.5 }],
    [{ maxResumes: 101 }],
  ])('resume %j is refused', resume => {
    expect(issues({ mode: 'stream', call: { resume } })).toEqual([expect.stringMatching(/^resume: /)]);
  });

  test('only a GET is resumed, and asks for bytes that can be', () => {
    expect(issues({ mode: 'stream', method: 'POST', call: { resume: true } })).toEqual([
      'resume: only a GET can be resumed',
    ]);
    const resumed = normalize({ mode: 'stream', call: { resume: true } });
    expect(resumed.headers['accept-encoding']).toBe('identity');
    const headers = { 'accept-encoding': 'gzip' };
    expect(normalize({ mode: 'stream', call: { resume: true, headers } }).headers).toMatchObject(headers);
    expect(normalize({ mode: 'stream' }).headers['accept-encoding']).toBeUndefined();
  });

  test("settings of the call are merged over the client's", () => {
    const { settings } = normalize({
      call: { timeout: { attemptMs: 5 }, retry: false, redirect: 'same-origin' },
    });
    expect(settings.timeout).toMatchObject({ attemptMs: 5, totalMs: OPTIONS.timeout.totalMs });
    expect(settings.retry).toBe(false);
    expect(settings.redirect).toBe('same-origin');
    expect(settings.limits).toEqual(OPTIONS.limits);
  });

  test('a null fallback is a fallback', () => {
    expect(normalize({ call: { fallback: null } }).fallback).toBeNull();
  });

  test.each([
    ['signal', {}],
    ['signal', { aborted: false }],
    ['responseType', 'blob'],
    ['schema', () => true],
    ['schema', { '~standard': {} }],
    ['schema', null],
    ['tags', { a: 1 }],
    ['tags', ['a']],
    ['route', 5],
    ['idempotent', 1],
    ['params', 'x'],
    ['params', null],
    ['params', new Map()],
    ['context', []],
    ['context', new Date()],
    ['idempotencyKey', ''],
    ['idempotencyKey', 'a\nb'],
  ])('%s: %j is refused', (name, value) => {
    expect(issues({ call: { [name]: value } })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: expected`)),
    ]);
  });

  test('a schema may be a function', () => {
    const schema = Object.assign(() => true, { '~standard': { validate: (value: unknown) => ({ value }) } });
    expect(normalize({ call: { schema } }).schema).toBe(schema);
  });
});

describe('the route', () => {
  test('is the path template where params filled it, without its query', () => {
    expect(normalize({ path: 'users/{id}?x={id}', call: { params: { id: 7 } } }).route).toBe('/users/{id}');
  });

  test('is never the raw path', () => {
    expect(normalize({ path: '/users/7' }).route).toBeUndefined();
    expect(normalize({ path: '/users/7', call: { params: {} } }).route).toBeUndefined();
  });

  test('is the one given before all', () => {
    expect(normalize({ path: '/users/{id}', call: { params: { id: 7 }, route: 'user' } }).route).toBe('user');
  });
});

describe('resending', () => {
  test.each([
    ['GET', true],
    ['HEAD', true],
    ['OPTIONS', true],
    ['PUT', true],
    ['DELETE', true],
    ['POST', false],
    ['PATCH', false],
    ['QUERY', false],
  ])('%s allows it by itself: %s', (method, resendable) => {
    expect(normalize({ method }).resendable).toBe(resendable);
  });

  test('goes by the methods of the client and of the call', () => {
    const options = resolve({ retry: { methods: ['POST'] } });
    expect(normalize({ method: 'POST', options }).resendable).toBe(true);
    expect(normalize({ method: 'GET', options }).resendable).toBe(false);
    expect(normalize({ method: 'PATCH', call: { retry: { methods: ['PATCH'] } } }).resendable).toBe(true);
  });

  test('goes by the default methods where retries are off', () => {
    expect(normalize({ method: 'PUT', call: { retry: false } }).resendable).toBe(true);
    expect(normalize({ method: 'POST', call: { retry: false } }).resendable).toBe(false);
  });

  test("is allowed by the caller's word", () => {
    expect(post({ idempotent: true }).resendable).toBe(true);
    expect(post({ idempotent: false }).resendable).toBe(false);
  });

  test('is allowed by an idempotency key, which is sent', () => {
    const request = post({ idempotencyKey: 'k1' });
    expect(request.resendable).toBe(true);
    expect(request.headers).toEqual({ 'user-agent': 'holdfast/1', 'idempotency-key': 'k1' });
    expect(OPTIONS.headers).not.toHaveProperty('idempotency-key');
  });

  test('true makes a key of its own for each call', () => {
    const [first, second] = [post({ idempotencyKey: true }), post({ idempotencyKey: true })];
    expect(first.headers['idempotency-key']).toMatch(UUID);
    expect(second.headers['idempotency-key']).not.toBe(first.headers['idempotency-key']);
    expect(first.resendable).toBe(true);
  });

  test("a caller's own header is a key as well, and is what true means then", () => {
    const headers = { 'Idempotency-Key': 'own' };
    expect(post({ headers }).resendable).toBe(true);
    expect(post({ headers, idempotencyKey: true }).headers['idempotency-key']).toBe('own');
    expect(post({ headers, idempotencyKey: 'k2' }).headers['idempotency-key']).toBe('k2');
    expect(post({ headers: { 'idempotency-key': '' } }).resendable).toBe(false);
    expect(post({ headers: { 'idempotency-key': undefined } }).resendable).toBe(false);
  });

  test('a client-wide key is none: it does not tell one call from another', () => {
    const options = resolve({ headers: { 'idempotency-key': 'always' } });
    expect(post(undefined, { options }).resendable).toBe(false);
    expect(post({ idempotencyKey: true }, { options }).headers['idempotency-key']).toMatch(UUID);
  });
});

describe('the content type', () => {
  const type = (call: unknown, options = OPTIONS) => post(call, { options }).headers['content-type'];
  const own = { 'Content-Type': 'application/vnd.own' };
  const typed = resolve({ headers: { 'content-type': 'application/vnd.client' } });

  test('comes from the body', () => {
    expect(type({ json: 1 })).toBe('application/json');
    expect(type({ form: {} })).toBe('application/x-www-form-urlencoded');
    expect(type({ body: 'x' })).toBe('text/plain;charset=UTF-8');
    expect(type({ body: new Uint8Array() })).toBeUndefined();
    expect(type({ body: new FormData() })).toMatch(/^multipart\/form-data; boundary=holdfast-[0-9a-f-]{36}$/);
    expect(OPTIONS.headers).not.toHaveProperty('content-type');
  });

  test("is the caller's own where there is one", () => {
    for (const body of [
      { json: 1 },
      { form: {} },
      { body: 'x' },
      { body: new Blob([], { type: 'image/png' }) },
    ]) {
      expect(type({ ...body, headers: own })).toBe('application/vnd.own');
    }
    expect(type({ json: 1, headers: { 'content-type': undefined } })).toBeUndefined();
  });

  test("is the client's own, except where the body cannot be read by another", () => {
    expect(type({ json: 1 }, typed)).toBe('application/vnd.client');
    expect(type({ body: 'x' }, typed)).toBe('application/vnd.client');
    expect(type({ form: {} }, typed)).toMatch(/urlencoded/);
    expect(type({ body: new URLSearchParams() }, typed)).toMatch(/urlencoded/);
    expect(type({ body: new FormData() }, typed)).toMatch(/^multipart/);
  });

  test('of a form with files cannot be given, since it would lack the boundary', () => {
    const call = { body: new FormData(), headers: { 'content-type': 'multipart/form-data' } };
    expect(issues({ method: 'POST', call })).toEqual([
      expect.stringMatching(/^headers.content-type: leave it out/),
    ]);
  });

  test('boundaries differ from call to call', () => {
    expect(type({ body: new FormData() })).not.toBe(type({ body: new FormData() }));
  });
});

describe('the deadline', () => {
  const deadline = (call: unknown, ambient = {}) => normalize({ call, ambient }).deadline;

  test('is epoch milliseconds or a Date', () => {
    expect(deadline({ deadline: 1000 })).toBe(1000);
    expect(deadline({ deadline: new Date(1000) })).toBe(1000);
    expect(deadline({ deadline: Number.POSITIVE_INFINITY })).toBeUndefined();
    expect(deadline(undefined)).toBeUndefined();
  });

  test("is never later than any context's", () => {
    expect(deadline({ deadline: 3000 }, { deadline: 2000 })).toBe(2000);
    expect(deadline({ deadline: 1000 }, { deadline: 2000 })).toBe(1000);
    expect(deadline(undefined, { deadline: 2000 })).toBe(2000);
    expect(deadline({ context: { deadline: 1500 } }, { deadline: 2000 })).toBe(1500);
    expect(deadline({ context: { deadline: new Date(2500) }, deadline: 3000 }, { deadline: 2000 })).toBe(
      2000,
    );
    expect(deadline({ context: { deadline: 500 }, deadline: 3000 })).toBe(500);
  });

  test.each([
    ['1000', 'a string'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [new Date(Number.NaN), 'an invalid Date'],
    [{}, 'an object'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%s is refused', (value, got) => {
    const wrong = `expected epoch milliseconds or a valid Date, got ${got}`;
    expect(issues({ call: { deadline: value } })).toEqual([`deadline: ${wrong}`]);
    expect(issues({ call: { context: { deadline: value } } })).toEqual([`context.deadline: ${wrong}`]);
  });
});

describe('the context', () => {
  test('of a call is laid over the ambient one, which stays as it is', () => {
    const ambient = Object.freeze({ requestId: 'r1', jobId: 'j1', deadline: 2000 });
    const { context } = normalize({
      ambient,
      call: { context: { jobId: 'j2', more: 1, requestId: undefined } },
    });
    expect(context).toEqual({ requestId: 'r1', jobId: 'j2', more: 1, deadline: 2000 });
    expect(Object.isFrozen(context)).toBe(true);
  });

  test('holds the earlier deadline', () => {
    const { context } = normalize({ ambient: { deadline: 2000 }, call: { context: { deadline: 9000 } } });
    expect(context.deadline).toBe(2000);
  });

  test('cannot reach the prototype', () => {
    const { context } = normalize({ call: { context: JSON.parse('{"__proto__":{"polluted":true}}') } });
    expect(context.polluted).toBeUndefined();
    expect(Object.hasOwn(context, '__proto__')).toBe(true);
  });
});

test('nothing that was given is changed', () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const call = freeze({
    params: { id: 1 },
    query: { tags: ['a', 'b'] },
    headers: { 'X-A': ['1', '2'] },
    json: { deep: { down: [1] } },
    context: { jobId: 'j' },
    tags: { a: 'b' },
    timeout: { attemptMs: 5 },
  });
  expect(() => post(call, { path: '/{id}' })).not.toThrow();
});

test('any input gives a request or an InvalidRequestError, never another error', () => {
  const checkedHere =
    'params query headers json form body bodyBytes signal deadline idempotencyKey idempotent fallback route context tags schema ' +
    'responseType decompress resume __proto__ other';
  const exotic = fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true });
  const call = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...checkedHere.split(' ')), exotic),
      fc.dictionary(fc.constantFrom('timeout', 'retry', 'limits', 'redirect', 'hedge'), fc.jsonValue()),
    )
    .map(([own, settings]) => ({ ...own, ...settings }));
  const method = fc.oneof(fc.constantFrom('GET', 'POST'), exotic);
  const path = fc.oneof(fc.constantFrom('/a', '/a/{id}?x'), exotic);
  fc.assert(
    fc.property(
      method,
      path,
      call,
      fc.constantFrom<RequestMode>('buffered', 'stream'),
      (verb, at, given, mode) => {
        try {
          normalize({ method: verb ?? null, path: at ?? null, call: given, mode });
        } catch (error) {
          if (!(error instanceof InvalidRequestError)) throw error;
        }
      },
    ),
    { numRuns: 3000 },
  );
});
