import type { Bulkhead } from '../bulkhead/bulkhead.ts';
import type { EndpointSet } from '../endpoints/endpoint-set.ts';
import type { ServiceClientError } from '../errors/service-client-error.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';
import type { EventSink } from '../telemetry/event-sink.ts';
import type { Clock } from '../time/clock.ts';
import type { Call } from './call.ts';
import { reportRefusal } from './report-call.ts';

/** What the decision is made from. */
export interface RefusalParts {
  readonly options: { readonly interceptors: { readonly call: readonly unknown[] } };
  readonly endpoints: Pick<EndpointSet, 'refusesAll' | 'refusal'>;
  readonly bulkhead: Pick<Bulkhead, 'isFull'> | undefined;
  readonly budget: Pick<RetryBudget, 'deposit'> | undefined;
  readonly events: EventSink;
  readonly clock: Clock;
}

/** The error of a call that would be refused at the first pick; `undefined` when it is to go down the line. */
export type RefuseAtOnce = (call: Call) => ServiceClientError | undefined;

/**
 * While a service is down, refusing is most of what its client does: such a call is told so before anything is set up for it.
 * Only where the whole line could not have come to another end.
 */
export function refuseAtOnce(parts: RefusalParts): RefuseAtOnce {
  const { options, endpoints, bulkhead, budget, events, clock } = parts;
  // A call interceptor may answer itself.
  if (options.interceptors.call.length > 0) return () => undefined;

  const mayEndOtherwise = ({ cancellation, request }: Call): boolean => {
    const { body, signal, deadline } = request;
    // A stream handed over has to be ended with the call.
    if (cancellation.cancelled || signal?.aborted || body.kind === 'one-shot') return true;
    return bulkhead?.isFull === true || (deadline !== undefined && deadline <= clock.now());
  };

  return call => {
    if (!endpoints.refusesAll || mayEndOtherwise(call)) return undefined;
    budget?.deposit();
    const error = endpoints.refusal();
    reportRefusal(call, events, error);
    return error;
  };
}
