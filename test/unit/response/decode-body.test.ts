import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../src/errors/decode-error.ts';
import type { ResponseType } from '../../../src/request/service-request.ts';
import { decodeBody } from '../../../src/response/decode-body.ts';

interface Given {
  body: string | Uint8Array;
  type?: string | string[] | undefined;
  responseType?: ResponseType;
  status?: number;
}

function decode({ body, type, responseType = 'auto', status = 200 }: Given): unknown {
  return decodeBody({
    bytes: typeof body === 'string' ? Buffer.from(body) : body,
    headers: type === undefined ? {} : { 'content-type': type },
    status,
    responseType,
    service: 'users',
    endpoint: 'http://users.test',
  });
}

function failure(given: Given): DecodeError {
  try {
    decode(given);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return error as DecodeError;
  }
  throw new Error('decoded');
}

const LATIN1 = new Uint8Array([0xe4, 0x80]);

describe('auto', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/problem+json',
    'application/vnd.api+json; profile="x;charset=none"; charset=utf8',
    'text/json',
  ])('reads %s as JSON', type => {
    expect(decode({ body: '{"a":"ü"}', type })).toEqual({ a: 'ü' });
  });

  test.each([
    'text/plain',
    'text/html; charset=UTF-8',
    'TEXT/CSV',
    'application/xml',
    'image/svg+xml',
    'application/jsonl',
  ])('reads %s as text', type => {
    expect(decode({ body: '{"a":"ü"}', type })).toBe('{"a":"ü"}');
  });

  test.each(['application/octet-stream', 'image/png', 'application/pdf', 'nonsense', '', undefined])(
    'reads %s as bytes',
    type => {
      expect(decode({ body: '{}', type })).toStrictEqual(new Uint8Array([123, 125]));
    },
  );

  test('takes the first of several content types', () => {
    expect(decode({ body: '1', type: ['application/json', 'text/plain'] })).toBe(1);
  });
});

test.each<ResponseType>(['auto', 'json', 'text', 'bytes'])(
  'an empty body is undefined when read as %s',
  responseType => {
    for (const status of [200, 204, 404, 500]) {
      expect(decode({ body: '', type: 'application/json', responseType, status })).toBeUndefined();
    }
  },
);

describe('a response type that was asked for', () => {
  test('wins over the content type', () => {
    expect(decode({ body: '[1]', type: 'text/plain', responseType: 'json' })).toEqual([1]);
    expect(decode({ body: '[1]', responseType: 'json' })).toEqual([1]);
    expect(decode({ body: '[1]', type: 'application/json', responseType: 'text' })).toBe('[1]');
    expect(decode({ body: '[1]', type: 'application/json', responseType: 'bytes' })).toStrictEqual(
      new Uint8Array([91, 49, 93]),
    );
  });

  test('is not for failing statuses, whose message must be found', () => {
    const given = { body: '{"message":"no"}', type: 'application/json', status: 404 };
    expect(decode({ ...given, responseType: 'bytes' })).toEqual({ message: 'no' });
    expect(decode({ ...given, responseType: 'text' })).toEqual({ message: 'no' });
  });
});

describe('what does not decode', () => {
  test('is a DecodeError with what is known about the body', () => {
    const error = failure({ body: '{"secret":', type: 'application/json', status: 201 });
    expect(error).toMatchObject({ service: 'users', endpoint: 'http://users.test', status: 201 });
    expect(error.contentType).toBe('application/json');
    expect(error.message).toContain('not well-formed');
  });

  test('HTML where JSON was asked for is a DecodeError about its content type', () => {
    const error = failure({ body: '<html>hunter2</html>', type: 'text/html', responseType: 'json' });
    expect(error.message).toContain('content-type');
    expect(failure({ body: '<html>hunter2</html>', type: 'application/json' }).message).toContain(
      'not well-formed',
    );
  });

  test('nothing of the body is printed', () => {
    const error = failure({ body: 'hunter2', type: 'application/json' });
    expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('hunter2');
  });

  test('an unknown charset is a DecodeError, in JSON too', () => {
    expect(failure({ body: 'x', type: 'text/plain; charset=klingon' }).contentType).toContain('klingon');
    expect(failure({ body: '1', type: 'application/json; charset=klingon' }).contentType).toContain(
      'klingon',
    );
    expect(decode({ body: 'x', type: 'text/plain; charset=klingon', responseType: 'bytes' })).toHaveLength(1);
  });
});

describe('text', () => {
  test('is read by its charset', () => {
    for (const charset of ['iso-8859-1', 'latin1', 'windows-1252', '"Windows-1252"']) {
      expect(decode({ body: LATIN1, type: `text/plain; charset=${charset}` })).toBe('ä€');
    }
    const utf16 = new Uint8Array(Buffer.from('ü', 'utf16le'));
    expect(decode({ body: utf16, type: 'text/plain;charset=utf-16le' })).toBe('ü');
    expect(
      decode({ body: new Uint8Array([0x22, 0xe4, 0x22]), type: 'application/json; charset=latin1' }),
    ).toBe('ä');
  });

  test('loses its byte order mark, and only that', () => {
    expect(decode({ body: '\ufeff{"a":1}', type: 'application/json' })).toEqual({ a: 1 });
    expect(decode({ body: '\ufeffa\ufeff', type: 'text/plain' })).toBe('a\ufeff');
    expect(decode({ body: '\ufeffa', type: 'text/plain; charset=utf-8' })).toBe('a');
  });

  test('replaces what is not UTF-8, as fetch does', () => {
    expect(decode({ body: new Uint8Array([0xff, 0xfe]), type: 'text/plain' })).toBe('\ufffd\ufffd');
  });
});

describe('the body of a failing status', () => {
  test.each([400, 404, 500, 503])('of a %i never fails to decode', status => {
    expect(decode({ body: '{"message":', type: 'application/json', status })).toBe('{"message":');
    expect(decode({ body: '<html>', type: 'text/html', responseType: 'json', status })).toBe('<html>');
    expect(decode({ body: 'x', type: 'text/plain; charset=klingon', status })).toStrictEqual(
      new Uint8Array([120]),
    );
    expect(decode({ body: 'x', type: 'application/json; charset=klingon', status })).toStrictEqual(
      new Uint8Array([120]),
    );
    expect(decode({ body: 'x', status })).toStrictEqual(new Uint8Array([120]));
  });

  test('is decoded as far as it goes, whatever it is', () => {
    const type = fc.oneof(
      fc.string(),
      fc.constantFrom('application/json', 'text/plain; charset=latin1', 'text/plain;charset='),
    );
    const responseType = fc.constantFrom<ResponseType>('auto', 'json', 'text', 'bytes');
    fc.assert(
      fc.property(
        fc.uint8Array(),
        type,
        responseType,
        fc.integer({ min: 400, max: 599 }),
        (body, contentType, kind, status) => {
          decode({ body, type: contentType, responseType: kind, status });
        },
      ),
    );
  });
});

test('any JSON arrives as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = JSON.stringify(value);
      expect(decode({ body: text, type: 'application/json' })).toEqual(JSON.parse(text));
    }),
  );
});

test('a key named __proto__ is a key like any other', () => {
  const data = decode({ body: '{"__proto__":{"admin":true}}', type: 'application/json' }) as Record<
    string,
    unknown
  >;
  expect(Object.hasOwn(data, '__proto__')).toBe(true);
  expect(data.admin).toBeUndefined();
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
});

describe('bytes', () => {
  test('are a plain Uint8Array that holds on to nothing larger', () => {
    const pool = new Uint8Array(100_000).fill(7);
    const data = decode({ body: pool.subarray(10, 20), type: 'image/png' }) as Uint8Array;
    expect(data).toStrictEqual(new Uint8Array(10).fill(7));
    expect(data.buffer.byteLength).toBe(10);
  });

  test('are not copied where they are all there is', () => {
    const whole = new Uint8Array([1, 2, 3]);
    expect((decode({ body: whole, type: 'image/png' }) as Uint8Array).buffer).toBe(whole.buffer);
    expect(decode({ body: Buffer.from(whole.buffer), type: 'image/png' })).not.toBeInstanceOf(Buffer);
  });
});
