import { isServiceClientError } from './is-service-client-error.ts';

/** The `ERR_…` code of one of our errors; `undefined` for anybody else's. */
export function errorCode(error: unknown): string | undefined {
  return isServiceClientError(error) ? error.code : undefined;
}
