import { isServiceClientError } from '../errors/is-service-client-error.ts';
import { unavailableMessage } from '../errors/unavailable-message.ts';
import type { CallBooks } from './safe-calls.ts';
import type { ServiceFailure } from './service-response.ts';

/** A failure as a result: the status a gateway should answer, and a message that is safe to show. */
export function failureResult(
  error: unknown,
  service: string,
  { log: attempts, durationMs }: CallBooks,
  signal: AbortSignal | undefined,
): ServiceFailure {
  const shared = {
    ok: false as const,
    endpoint: attempts.at(-1)?.endpoint,
    service,
    attempts,
    durationMs,
    error,
  };
  // 499: nginx's status for a client that closed its request.
  if (signal?.aborted && signal.reason === error)
    return { ...shared, status: 499, message: `${service} request was aborted` };
  if (!isServiceClientError(error)) return { ...shared, status: 500, message: unavailableMessage(service) };
  return { ...shared, status: error.gatewayStatus, message: error.safeMessage() };
}
