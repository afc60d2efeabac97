import { ServiceClient } from '../../src/index.ts';
import type { ServiceClientOptions } from '../../src/options/client-options.ts';

/** A server that a test can ask for its address. */
interface Addressed {
  readonly url: string;
}

export type ClientSettings = Partial<
  Omit<ServiceClientOptions, 'name' | 'baseUrl' | 'endpoints' | 'discovery'>
>;

/** Resends at once, as often as the rules allow: what a test counts are requests, not milliseconds. */
export const EAGER_RETRY = { backoff: { baseDelayMs: 1, maxDelayMs: 1 }, budget: false } as const;

/** A client named `users` of these servers, in turns where there are several. It resends eagerly unless told otherwise. */
export function openClient(
  servers: string | Addressed | readonly (string | Addressed)[],
  settings: ClientSettings = {},
): ServiceClient {
  const list = (Array.isArray(servers) ? servers : [servers]) as readonly (string | Addressed)[];
  const endpoints = list.map(server => (typeof server === 'string' ? server : server.url));
  const retry = settings.retry === false ? false : { ...EAGER_RETRY, ...Object(settings.retry) };
  return new ServiceClient({
    name: 'users',
    endpoints,
    loadBalancing: { strategy: 'round-robin' },
    ...settings,
    retry,
  } as ServiceClientOptions);
}
