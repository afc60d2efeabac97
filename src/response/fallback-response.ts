import { isServiceClientError } from '../errors/is-service-client-error.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import { warnOfHook } from '../errors/warn-of-hook.ts';
import type { CallOptions } from '../request/call-options.ts';
import { type CallBooks, NOT_BEGUN } from './safe-calls.ts';
import type { ServiceResponse } from './service-response.ts';

type FallbackFunction = (error: ServiceClientError) => unknown;

/**
 * Answers with the call's `fallback`, where it has one and the call failed on its way, were it in a hook of the caller's own:
 * not for a caller's abort, bad input, or a 4xx, which a stand-in would only hide. `books` are there once a call has begun.
 */
export async function fallbackResponse<T>(
  error: unknown,
  options: CallOptions<T>,
  service: string,
  books: CallBooks | undefined,
): Promise<ServiceResponse<T>> {
  const { fallback, signal } = options;
  if (fallback === undefined || isAbort(error, signal) || !isStandInFor(error, books)) throw error;
  const fallbackError = error as ServiceClientError;
  const data = (
    typeof fallback === 'function'
      ? await ask(fallback as FallbackFunction, fallbackError, service, signal)
      : fallback
  ) as T;
  const { log: attempts, durationMs } = books ?? NOT_BEGUN;
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
    fallbackError,
  };
}

/** A fallback that fails leaves the call as it was; one that takes its time is waited for until the caller leaves. */
async function ask(
  fallback: FallbackFunction,
  error: ServiceClientError,
  service: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal?.reason);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([fallback(error), left.promise]);
  } catch (thrown) {
    if (isAbort(thrown, signal)) throw thrown;
    if (thrown !== error) {
      const message = `${service}: a fallback function failed; the call fails as if it were not there`;
      warnOfHook(fallback, 'HOLDFAST_FALLBACK', message, thrown);
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && signal.reason === error;
}

function isStandInFor(error: unknown, books: CallBooks | undefined): boolean {
  if (!isServiceClientError(error)) return books !== undefined;
  if (error.code === 'ERR_INVALID_REQUEST' || error.code === 'ERR_CONFIGURATION') return false;
  return !(error.code === 'ERR_STATUS' && error.gatewayStatus < 500);
}
