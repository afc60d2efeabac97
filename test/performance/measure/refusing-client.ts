import { ServiceClient } from '../../../src/index.ts';
import { instantTransport } from './instant-transport.ts';
import type { Job } from './load.ts';

/** Calls that an open circuit refuses. */
export async function refusedCalls(): Promise<Job> {
  const openMs = 600_000;
  const client = new ServiceClient({
    name: 'users',
    baseUrl: 'http://users.test',
    retry: { maxAttempts: 1 },
    circuitBreaker: { minThroughput: 1, openMs, maxOpenMs: openMs },
    transport: instantTransport(500),
  });
  await client.safe.get('/');
  const ignore = () => undefined;
  return () => client.get('/users/7').catch(ignore);
}
