import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/errors/issue.ts';
import { type BodyInput, normalizeBody } from '../../../src/request/normalize-body.ts';

function classify(input: BodyInput, before: Issue[] = []) {
  const issues = [...before];
  const { body, contentType } = normalizeBody(input, () => 'mark', issues);
  return { body, contentType, issues };
}

function problems(input: BodyInput): string[] {
  return classify(input).issues.map(({ path, message }) => `${path}: ${message}`);
}

function opened(input: BodyInput): Readable {
  const { body, issues } = classify(input);
  expect(issues).toEqual([]);
  if (body.kind === 'one-shot') return body.source;
  if (body.kind === 'replayable') return body.open();
  throw new Error(`the body is ${body.kind}`);
}

test('a call without a body has an empty one and no content type', () => {
  const empty = { body: { kind: 'empty' }, contentType: undefined, issues: [] };
  expect(classify({})).toEqual(empty);
  expect(classify({ json: undefined, form: undefined, body: undefined })).toEqual(empty);
});

describe('json', () => {
  test.each([
    [{ a: [1, null] }, '{"a":[1,null]}'],
    ['text', '"text"'],
    [null, 'null'],
    [false, 'false'],
    [0, '0'],
    [{ toJSON: () => 'own' }, '"own"'],
  ])('%j is sent as %s', (json, bytes) => {
    expect(classify({ json })).toEqual({
      body: { kind: 'buffered', bytes },
      contentType: 'application/json',
      issues: [],
    });
  });

  test('what cannot be serialised is an issue that says why', () => {
    const circular: Record<string, unknown> = {};
    circular.secretKey = circular;
    expect(problems({ json: circular })).toEqual(['json: cannot be written as JSON: it refers to itself']);
    expect(problems({ json: { n: 1n } })).toEqual(['json: cannot be written as JSON: it holds a BigInt']);
    expect(problems({ json: () => 1 })).toEqual(['json: cannot be written as JSON: it is a function']);
    expect(problems({ json: Symbol('x') })).toEqual(['json: cannot be written as JSON: it is a symbol']);
    const throwing = {
      toJSON: () => {
        throw new Error('hunter2');
      },
    };
    expect(problems({ json: throwing })).toEqual([
      'json: cannot be written as JSON: serialising it threw an error',
    ]);
    expect(problems({ json: { toJSON: () => undefined } })).toEqual([
      'json: cannot be written as JSON: its toJSON() gives nothing',
    ]);
  });
});

test('a form is urlencoded', () => {
  const contentType = 'application/x-www-form-urlencoded';
  const asFetchDoes = `${contentType};charset=UTF-8`;
  const body = { kind: 'buffered', bytes: 'a=1&b=x+y' };
  expect(classify({ form: { a: 1, b: 'x y' } })).toEqual({ body, contentType, issues: [] });
  expect(classify({ form: new URLSearchParams('a=1&b=x y') })).toEqual({ body, contentType, issues: [] });
  const params = classify({ body: new URLSearchParams('a=1&b=x y') });
  expect(params).toEqual({ body, contentType: asFetchDoes, issues: [] });
  expect(problems({ form: 'a=1' })).toEqual(['form: expected an object or URLSearchParams, got a string']);
});

describe('bytes and text', () => {
  test('a string is plain text', () => {
    expect(classify({ body: 'hi' })).toEqual({
      body: { kind: 'buffered', bytes: 'hi' },
      contentType: 'text/plain;charset=UTF-8',
      issues: [],
    });
  });

  test.each([
    ['Uint8Array', new Uint8Array([1, 2])],
    ['Buffer', Buffer.from([1, 2])],
    ['ArrayBuffer', new Uint8Array([1, 2]).buffer],
    ['DataView', new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2)],
    ['Int8Array', new Int8Array([0, 1, 2]).subarray(1)],
  ])('a %s is sent as its bytes, without a content type', (_, given) => {
    const { body, contentType, issues } = classify({ body: given });
    expect(issues).toEqual([]);
    expect(contentType).toBeUndefined();
    expect(body.kind === 'buffered' && [...(body.bytes as Uint8Array)]).toEqual([1, 2]);
  });

  test('a Blob can be sent again and brings its type', async () => {
    const { body, contentType } = classify({ body: new Blob(['hello'], { type: 'image/png' }) });
    expect(contentType).toBe('image/png');
    if (body.kind !== 'replayable') throw new Error(`a blob is ${body.kind}`);
    expect(body.byteLength).toBe(5);
    expect(await text(body.open())).toBe('hello');
    expect(await text(body.open())).toBe('hello');
    expect(classify({ body: new Blob(['x']) }).contentType).toBeUndefined();
  });

  test('a FormData keeps one boundary over all attempts, the one its content type names', async () => {
    const form = new FormData();
    form.append('a', '1');
    const { body, contentType } = classify({ body: form });
    expect(contentType).toBe('multipart/form-data; boundary=mark');
    if (body.kind !== 'replayable') throw new Error(`a form is ${body.kind}`);
    expect(await text(body.open())).toMatch(/^--mark\r\n/);
    expect(await text(body.open())).toMatch(/^--mark\r\n/);
  });
});

describe('a stream', () => {
  test('a Readable is handed on as it is, to be sent once', () => {
    const source = Readable.from(['a']);
    expect(classify({ body: source }).body).toEqual({ kind: 'one-shot', source, byteLength: undefined });
    expect(classify({ body: source, bodyBytes: 1 }).body).toEqual({
      kind: 'one-shot',
      source,
      byteLength: 1,
    });
    expect(source.readableDidRead).toBe(false);
    expect(source.listenerCount('error')).toBe(0);
  });

  test('a web stream and an async iterable become Readables', async () => {
    expect(await text(opened({ body: new Blob(['web']).stream() }))).toBe('web');
    async function* parts() {
      yield 'a';
      yield new Uint8Array([98]);
    }
    expect((await buffer(opened({ body: parts() }))).toString()).toBe('ab');
  });

  test('destroying the Readable ends what is behind it', async () => {
    let cancelled: unknown;
    const web = new ReadableStream({
      cancel: reason => {
        cancelled = reason ?? 'cancelled';
      },
    });
    opened({ body: web }).destroy();
    await expect.poll(() => cancelled).toBeDefined();
  });

  test('a function is asked for a fresh one by every attempt', async () => {
    let opens = 0;
    const { body } = classify({ body: () => Readable.from([`${++opens}`]), bodyBytes: 1 });
    expect(opens).toBe(0);
    if (body.kind !== 'replayable') throw new Error(`a function is ${body.kind}`);
    expect(body.byteLength).toBe(1);
    expect(await text(body.open())).toBe('1');
    expect(await text(body.open())).toBe('2');
  });

  test('a function that gives no fresh stream fails when it is asked', async () => {
    const open = (factory: () => unknown) => () => opened({ body: factory });
    const used = Readable.from(['a']);
    await text(used);
    expect(open(() => used)).toThrow(/has been read/);
    expect(open(() => 'text')).toThrow(/did not return a stream/);
    expect(open(async () => Readable.from(['a']))).toThrow(/did not return a stream/);
    const failure = new Error('own');
    expect(
      open(() => {
        throw failure;
      }),
    ).toThrow(failure);
  });

  test('one that was read, destroyed or locked before is refused', async () => {
    const read = Readable.from(['a']);
    await text(read);
    expect(problems({ body: read })).toEqual(['body: has been read or destroyed already']);
    expect(problems({ body: Readable.from(['a']).destroy() })).toEqual([
      'body: has been read or destroyed already',
    ]);
    const locked = new Blob(['a']).stream();
    const reader = locked.getReader();
    expect(problems({ body: locked })).toEqual(['body: is locked to another reader']);
    await reader.read();
    reader.releaseLock();
    expect(problems({ body: locked })).toEqual(['body: has been read already']);
  });

  test('nothing is taken over when anything else is wrong with the call', () => {
    const web = new Blob(['a']).stream();
    expect(classify({ body: web }, [{ path: 'query.x', message: 'wrong' }]).body).toEqual({
      kind: 'empty',
    });
    expect(classify({ body: web, bodyBytes: -1 }).issues).toHaveLength(1);
    expect(web.locked).toBe(false);
  });
});

test.each([
  ['null', null],
  ['a number', 5],
  ['a plain object', {}],
  ['an array', [1]],
  ['a Map', new Map()],
  ['true', true],
])('%s is no body', (_, body) => {
  expect(problems({ body })).toEqual([expect.stringMatching(/^body: expected a string, bytes/)]);
});

test.each([
  [{ json: 1, form: { a: 1 } }],
  [{ json: 1, body: 'x' }],
  [{ form: { a: 1 }, body: 'x' }],
  [{ json: null, form: {}, body: '' }],
])('%j is more than one body', input => {
  expect(problems(input)).toEqual(['body: give one of json, form and body, not several']);
});

test('bodyBytes is a whole number, for streams alone', () => {
  const stream = () => Readable.from(['a']);
  for (const bodyBytes of [0, 1, 2 ** 40]) expect(problems({ body: stream(), bodyBytes })).toEqual([]);
  expect(problems({ body: stream, bodyBytes: 3 })).toEqual([]);
  expect(problems({ body: new Blob(['a']).stream(), bodyBytes: 3 })).toEqual([]);
  for (const bodyBytes of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '5', null]) {
    expect(problems({ body: stream(), bodyBytes })).toEqual([
      expect.stringMatching(/^bodyBytes: expected a whole number of bytes, 0 or more, got /),
    ]);
  }
  for (const body of ['text', new Uint8Array(1), new Blob(['a']), new FormData(), undefined]) {
    expect(problems({ body, bodyBytes: 1 })).toEqual([
      expect.stringMatching(/^bodyBytes: only for a streamed body/),
    ]);
  }
});
