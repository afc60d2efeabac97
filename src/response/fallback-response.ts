import { isServiceClientError } from '../errors/is-service-client-error.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { warnOfHook } from '../errors/warn-of-hook.ts';
import type { CallOptions } from '../request/call-options.ts';
import type { ServiceResponse } from './service-response.ts';

type FallbackFunction = (error: ServiceClientError) => unknown;

/**
 * Answers with the call's `fallback`, where it has one and the failure is the service's:
 * not for a caller's abort, bad input, or a 4xx, which a stand-in would only hide.
 */
export async function fallbackResponse<T>(
  error: unknown,
  options: CallOptions<T>,
  service: string,
  durationMs: number,
): Promise<ServiceResponse<T>> {
  const { fallback, signal } = options;
  if (fallback === undefined || !isServiceClientError(error) || !isServiceFailure(error, signal)) throw error;
  const data = (
    typeof fallback === 'function' ? await ask(fallback as FallbackFunction, error, signal) : fallback
  ) as T;
  const { attempts } = error;
  return {
    ok: true,
    status: 200,
    headers: {},
    data,
    url: '',
    endpoint: attempts.at(-1)?.endpoint ?? '',
    service,
    attempts,
    durationMs,
    fromFallback: true,
    fallbackError: error,
  };
}

/** A fallback that fails leaves the call as it was; one that takes its time is waited for until the caller leaves. */
async function ask(
  fallback: FallbackFunction,
  error: ServiceClientError,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal?.reason);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([fallback(error), left.promise]);
  } catch (thrown) {
    if (signal?.aborted && thrown === signal.reason) throw thrown;
    if (thrown !== error) {
      const message = `${error.service}: a fallback function failed; the call fails as if it were not there`;
      warnOfHook(fallback, 'HOLDFAST_FALLBACK', message, thrown);
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

function isServiceFailure(error: ServiceClientError, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted && signal.reason === error) return false;
  if (error.code === 'ERR_INVALID_REQUEST' || error.code === 'ERR_CONFIGURATION') return false;
  return !(error.code === 'ERR_STATUS' && error.gatewayStatus < 500);
}
