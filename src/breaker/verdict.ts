import { NetworkError } from '../errors/network-error.ts';
import { StatusError } from '../errors/status-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';

/** What an attempt says about its endpoint. */
export type Verdict = 'success' | 'failure' | 'neutral';

/** 429 is about the caller, 501 and 505 about the request; every other 5xx is the endpoint's own trouble. */
export function verdictOfStatus(status: number): Verdict {
  if (status === 429 || status === 501 || status === 505) return 'neutral';
  return status >= 500 ? 'failure' : 'success';
}

/** A failure only where the endpoint failed: what the caller or this process did is neutral. */
export function verdictOfError(error: unknown, hadSocket: boolean): Verdict {
  if (error instanceof StatusError) return verdictOfStatus(error.status);
  if (error instanceof TimeoutError) return error.ownStall || !hadSocket ? 'neutral' : 'failure';
  if (error instanceof NetworkError) {
    const ownFault = error.staleConnection || error.sourceFailed;
    return ownFault ? 'neutral' : 'failure';
  }
  return 'neutral';
}
