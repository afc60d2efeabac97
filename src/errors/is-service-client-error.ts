import type { AnyServiceClientError } from './any-service-client-error.ts';
import { errorBrand } from './brand.ts';

/**
 * Tells whether a value is an error of this package, of any copy of it in the process. Never throws.
 * @example
 * if (isServiceClientError(error) && error.code === 'ERR_STATUS') console.log(error.status);
 */
export function isServiceClientError(value: unknown): value is AnyServiceClientError {
  try {
    return typeof value === 'object' && value !== null && Reflect.get(value, errorBrand) === true;
  } catch {
    // A revoked proxy, or one whose traps throw.
    return false;
  }
}
