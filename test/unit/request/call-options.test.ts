import { Readable } from 'node:stream';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { ServiceClientError } from '../../../src/errors/service-client-error.ts';
import type { CallOptions, StreamOptions } from '../../../src/request/call-options.ts';
import type { ServiceResponse, ServiceResult } from '../../../src/response/service-response.ts';

/** Types alone are looked at: the calls below only have to compile, or to fail to. */
declare const get: <T = unknown>(options?: CallOptions<T>) => ServiceResponse<T>;
const compiles = (_: () => unknown) => expect(true).toBe(true);

test('data is unknown without a schema or a type argument', () => {
  compiles(() => {
    expectTypeOf(get().data).toEqualTypeOf<unknown>();
    expectTypeOf(get<{ id: number }>().data).toEqualTypeOf<{ id: number }>();
  });
});

test('a schema types the data by what it gives back', () => {
  compiles(() => {
    const schema = z.object({ id: z.coerce.number(), name: z.string().transform(name => name.length) });
    expectTypeOf(get({ schema }).data).toEqualTypeOf<{ id: number; name: number }>();
  });
});

test('a fallback must be what the schema gives, as a value or a function of the error', () => {
  compiles(() => {
    const schema = z.object({ id: z.number() });
    get({ schema, fallback: { id: 1 } });
    get({ schema, fallback: async error => ({ id: error.gatewayStatus }) });
    // @ts-expect-error: not what the schema gives
    get({ schema, fallback: { id: 'x' } });
    // @ts-expect-error: not what the schema gives
    get({ schema, fallback: () => 5 });
    get({
      fallback: error => {
        expectTypeOf(error).toEqualTypeOf<ServiceClientError>();
        return [];
      },
    });
    get({ fallback: [] });
    get({ fallback: null });
    get<string | null>({ fallback: null });
  });
});

test('at most one body can be given, and bodyBytes only to a stream', () => {
  compiles(() => {
    const options: CallOptions[] = [
      { json: { a: 1 } },
      { form: { a: [1, 'x'] } },
      { body: 'x' },
      { body: new FormData() },
      { body: Readable.from([]), bodyBytes: 5 },
      { body: () => Readable.from([]), bodyBytes: 5 },
      { body: new Blob([]).stream() },
      { json: undefined, query: { q: 'x', tags: ['a', undefined], at: new Date() } },
    ];
    // @ts-expect-error: two bodies
    options.push({ json: 1, body: 'x' });
    // @ts-expect-error: two bodies
    options.push({ json: 1, form: {} });
    // @ts-expect-error: a string has a length of its own
    options.push({ body: 'x', bodyBytes: 1 });
    // @ts-expect-error: null has no meaning in a query
    options.push({ query: { q: null } });
    // @ts-expect-error: unknown
    options.push({ tiemout: {} });
    // @ts-expect-error: only for streams
    options.push({ decompress: false });
    return options;
  });
});

test('a stream has no schema, response type or fallback', () => {
  compiles(() => {
    const options: StreamOptions[] = [{ decompress: false, resume: false, json: 1 }];
    // @ts-expect-error: a stream is not decoded
    options.push({ responseType: 'json' });
    // @ts-expect-error: nothing stands in for a stream
    options.push({ fallback: 1 });
    return options;
  });
});

test("ok tells a result's two sides apart", () => {
  compiles(() => {
    const read = (result: ServiceResult<number>) => {
      if (result.ok) expectTypeOf(result.data).toEqualTypeOf<number>();
      else {
        expectTypeOf(result.message).toEqualTypeOf<string>();
        expectTypeOf(result.error).toEqualTypeOf<unknown>();
      }
    };
    return read;
  });
});
