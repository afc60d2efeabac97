import { NoEndpointError } from '../../errors/no-endpoint-error.ts';
import type { Endpoint } from '../endpoint.ts';
import type { EndpointPicker, EndpointView } from '../endpoint-picker.ts';
import type { LoadBalancer } from '../load-balancer.ts';

/** Asks the user's picker, which sees frozen views and never the endpoints themselves. */
export class CustomBalancer implements LoadBalancer {
  readonly mayRefuse = true;
  readonly #picker: EndpointPicker;
  readonly #service: string;

  constructor(picker: EndpointPicker, service: string) {
    this.#picker = picker;
    this.#service = service;
  }

  /** @throws NoEndpointError with the picker's own error, or one that says what it returned instead of a candidate. */
  choose(candidates: readonly Endpoint[]): Endpoint | undefined {
    try {
      const chosen: unknown = this.#picker.pick(Object.freeze(candidates.map(viewOf)));
      return chosen === undefined ? undefined : endpointOf(chosen, candidates);
    } catch (cause) {
      throw new NoEndpointError({ service: this.#service, cause, callerCause: true });
    }
  }
}

function viewOf({ url, weight, inFlight, latencyMs }: Endpoint): EndpointView {
  return Object.freeze({ url, weight, inFlight, ...(latencyMs !== undefined && { latencyMs }) });
}

/** By URL, so that a view kept from an earlier pick stands for the same endpoint. */
function endpointOf(chosen: unknown, candidates: readonly Endpoint[]): Endpoint {
  const url = (chosen as { url?: unknown } | null)?.url;
  const endpoint = candidates.find(candidate => candidate.url === url);
  if (endpoint !== undefined) return endpoint;
  // An async picker comes too late; its rejection must not take the process down.
  Promise.resolve(chosen).catch(() => {});
  throw new TypeError('the endpoint picker must return one of its candidates');
}
