import { systemCodeOf } from '../errors/clean-cause.ts';
import { isServiceClientError } from '../errors/is-service-client-error.ts';
import { NetworkError, type NetworkPhase } from '../errors/network-error.ts';

/**
 * What code of the user's own failed with in the place of our transport, as a failure of the network.
 * Of a request that failed in a way unknown to us nobody can prove that it was never sent.
 */
export function foreignFailure(
  error: unknown,
  { service, endpoint }: { readonly service: string; readonly endpoint: string },
  phase: NetworkPhase,
): unknown {
  if (isServiceClientError(error)) return error;
  const systemCode = systemCodeOf(error);
  return new NetworkError({ service, endpoint, phase, systemCode, cause: error, callerCause: true });
}
