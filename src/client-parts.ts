import { Credentials } from './auth/credentials.ts';
import { circuitFactory } from './breaker/circuit-factory.ts';
import { Bulkhead } from './bulkhead/bulkhead.ts';
import { FollowDiscovery } from './discovery/follow-discovery.ts';
import { EndpointSet } from './endpoints/endpoint-set.ts';
import { PROBE_DEFAULTS } from './options/defaults.ts';
import { resolveEndpoints } from './options/resolve-endpoints.ts';
import type { ResolvedOptions } from './options/resolved-options.ts';
import { Prober } from './probe/prober.ts';
import { probeSender } from './probe/send-probe.ts';
import { RetryBudget } from './retry/retry-budget.ts';
import { ClientEvents } from './telemetry/event-emitter.ts';
import { logEvents } from './telemetry/log-events.ts';
import type { Clock } from './time/clock.ts';
import { gotTransport } from './transport/got-transport.ts';
import { isOwn } from './transport/own-transports.ts';
import type { Transport } from './transport/transport.ts';
import { userTransport } from './transport/user-transport.ts';

/** What one client is made of. Each part is a thing of its own; the pipeline and the client tie them together. */
export interface ClientParts {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: ClientEvents;
  readonly endpoints: EndpointSet;
  readonly prober: Prober;
  readonly bulkhead: Bulkhead | undefined;
  readonly budget: RetryBudget | undefined;
  readonly credentials: Credentials | undefined;
  readonly transport: Transport;
}

/** Makes the parts of a client; nothing of it has a timer or a socket before the first call, but for probes if they are on. */
export function makeParts(options: ResolvedOptions): ClientParts {
  const { name, clock, random, bulkhead, retry, auth, logger } = options;
  const events = new ClientEvents(name, clock);
  if (logger !== undefined) logEvents(events, logger);
  const endpoints = makeEndpoints(options, events);
  const credentials = auth && new Credentials(name, auth);
  const transport = openTransport(options);
  const send = probeSender(options, transport, credentials);
  const prober = new Prober({ options, defaults: PROBE_DEFAULTS, endpoints, events, send });
  return {
    options,
    clock,
    random,
    events,
    endpoints,
    prober,
    bulkhead: bulkhead === false ? undefined : new Bulkhead(name, bulkhead),
    budget: retry === false || retry.budget === false ? undefined : new RetryBudget(retry.budget, clock),
    credentials,
    transport,
  };
}

function openTransport({ transport, pool, tls, clock }: ResolvedOptions): Transport {
  if (transport === undefined) return gotTransport({ pool, tls, clock });
  if (!('open' in transport)) return userTransport(transport, clock, 'send');
  const opened = transport.open({ pool, tls, clock });
  return isOwn(opened) ? opened : userTransport(opened, clock, 'socket');
}

function makeEndpoints(options: ResolvedOptions, events: ClientEvents): EndpointSet {
  const endpoints = new EndpointSet({ options, events, circuits: circuitFactory(options) });
  const { name, discovery, clock, random } = options;
  if (discovery === undefined) return endpoints;
  const apply = endpoints.update.bind(endpoints);
  endpoints.follow(
    new FollowDiscovery({
      service: name,
      discovery,
      parse: list => resolveEndpoints(name, list),
      apply,
      events,
      clock,
      random,
    }),
  );
  return endpoints;
}
