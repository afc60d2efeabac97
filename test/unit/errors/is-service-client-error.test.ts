import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { isServiceClientError } from '../../../src/errors/is-service-client-error.ts';
import { NoEndpointError } from '../../../src/errors/no-endpoint-error.ts';
import { ServiceClientError } from '../../../src/errors/service-client-error.ts';
import { everyError, service } from './every-error.ts';

test('knows every error of its own copy', () => {
  for (const error of everyError()) expect(isServiceClientError(error)).toBe(true);
});

test('knows the errors of another copy of the package, which instanceof does not', async () => {
  vi.resetModules();
  const copy = await import('../../../src/errors/client-closed-error.ts');
  const error = new copy.ClientClosedError({ service });
  expect(error).not.toBeInstanceOf(ServiceClientError);
  expect(isServiceClientError(error)).toBe(true);
  expect(new NoEndpointError({ service, cause: error }).cause).toBe(error);
});

test('knows an error through a proxy', () => {
  for (const error of everyError()) expect(isServiceClientError(new Proxy(error, {}))).toBe(true);
});

test('is not fooled by anything without the brand', () => {
  const lookalike = { name: 'StatusError', code: 'ERR_STATUS', service: 'users', attempts: [], status: 500 };
  const brand = Symbol.for('holdfast.error');
  for (const value of [
    lookalike,
    Object.assign(new Error(), lookalike),
    { [brand]: 'yes' },
    { [brand]: 1 },
  ]) {
    expect(isServiceClientError(value)).toBe(false);
  }
});

test('never throws: no input, however hostile, gets more than false', () => {
  const boom = () => {
    throw new Error('trap');
  };
  const traps = new Proxy({}, { get: boom, has: boom, getPrototypeOf: boom, ownKeys: boom });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const getter = Object.defineProperty({}, Symbol.for('holdfast.error'), { get: boom });
  for (const value of [traps, proxy, getter, Object.create(null), Object.create(traps), boom, Symbol('x')]) {
    expect(isServiceClientError(value)).toBe(false);
  }
});

test('says false to everything else', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  fc.assert(fc.property(anything, value => isServiceClientError(value) === false));
});
