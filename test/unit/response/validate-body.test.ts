import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ValidationError } from '../../../src/errors/validation-error.ts';
import type { StandardSchemaResult, StandardSchemaV1 } from '../../../src/request/standard-schema.ts';
import { validateBody } from '../../../src/response/validate-body.ts';

const validate = (schema: StandardSchemaV1, data: unknown) =>
  validateBody({ schema, data, status: 200, service: 'users', endpoint: 'http://users.test' });

const schemaOf = (check: (value: unknown) => unknown): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'own', validate: check as () => StandardSchemaResult<unknown> },
});

async function failure(schema: StandardSchemaV1, data: unknown): Promise<ValidationError> {
  const error = await validate(schema, data).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValidationError);
  return error as ValidationError;
}

test('data that matches comes back as the schema gives it', async () => {
  expect(await validate(z.object({ id: z.coerce.number() }), { id: '7', more: 1 })).toEqual({ id: 7 });
  expect(await validate(z.undefined(), undefined)).toBeUndefined();
});

test('a schema may take its time', async () => {
  const slow = z.string().refine(async value => value === 'good');
  expect(await validate(slow, 'good')).toBe('good');
  expect((await failure(slow, 'bad')).issues).toHaveLength(1);
});

describe('data that does not match', () => {
  test('is a ValidationError with every issue and where it is', async () => {
    const schema = z.object({ items: z.array(z.object({ id: z.number() })), name: z.string() });
    const error = await failure(schema, { items: [{ id: 1 }, { id: 'x' }] });
    expect(error.issues).toEqual([
      { path: 'items[1].id', message: expect.any(String) },
      { path: 'name', message: expect.any(String) },
    ]);
    expect(error).toMatchObject({ service: 'users', endpoint: 'http://users.test', status: 200 });
    expect(error.cause).toBeUndefined();
  });

  test('is found at the root, under wrapped keys and under symbols', async () => {
    const issues = [
      { message: 'root' },
      { message: 'wrapped', path: [{ key: 'a' }, { key: 0 }, 'b'] },
      { message: 'symbol', path: [Symbol('s')] },
    ];
    expect(
      (
        await failure(
          schemaOf(() => ({ issues })),
          1,
        )
      ).issues,
    ).toEqual([
      { path: '', message: 'root' },
      { path: 'a[0].b', message: 'wrapped' },
      { path: 'Symbol(s)', message: 'symbol' },
    ]);
  });

  test('fails also when the schema names no issue', async () => {
    expect(
      (
        await failure(
          schemaOf(() => ({ issues: [] })),
          1,
        )
      ).issues,
    ).toEqual([]);
  });
});

describe('a schema that fails itself', () => {
  const own = new Error('own');

  test.each([
    [
      'throws',
      () => {
        throw own;
      },
    ],
    ['rejects', () => Promise.reject(own)],
  ])('by one that %s is a ValidationError that keeps its error', async (_, check) => {
    const error = await failure(schemaOf(check), 1);
    expect(error.cause).toBe(own);
    expect(error.issues).toEqual([{ path: '', message: 'the schema itself failed' }]);
  });

  test.each([undefined, null, 5, { issues: 'x' }])('by giving %j is a ValidationError', async result => {
    expect(
      (
        await failure(
          schemaOf(() => result),
          1,
        )
      ).issues,
    ).toHaveLength(1);
  });
});
