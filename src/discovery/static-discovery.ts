import { resolveEndpoints } from '../options/resolve-endpoints.ts';
import type { EndpointDiscovery, EndpointInit } from './endpoint-discovery.ts';

/**
 * A list of endpoints that never changes, as a discovery: where code wants one, and in tests.
 * @throws {@link ConfigurationError} listing everything that is wrong with the list
 * @example
 * new ServiceClient({ name: 'users', discovery: staticDiscovery(['http://10.0.0.1:3001', 'http://10.0.0.2:3001']) });
 */
export function staticDiscovery(list: readonly EndpointInit[]): EndpointDiscovery {
  // An empty list is an answer too: calls then fail with NoEndpointError.
  if (!Array.isArray(list) || list.length > 0) resolveEndpoints('', list);
  const endpoints = Object.freeze([...list]);
  return {
    async *watch(signal) {
      yield endpoints;
      await aborted(signal);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
