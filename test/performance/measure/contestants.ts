import { Agent } from 'node:http';
import got from 'got';
import { ServiceClient } from '../../../src/index.ts';
import { undiciTransport } from '../../../src/undici/index.ts';
import { instantTransport } from './instant-transport.ts';
import type { Job } from './load.ts';

/** The same GET, by got alone and by clients with their defaults. */
export function contestants(url: string): Record<'got' | 'overGot' | 'overUndici' | 'pipeline', Job> {
  const bare = got.extend({
    prefixUrl: url,
    agent: { http: new Agent({ keepAlive: true, scheduling: 'lifo' }) },
    retry: { limit: 0 },
    responseType: 'json',
    timeout: { request: 8000 },
  });
  const overGot = new ServiceClient({ name: 'users', baseUrl: url });
  const overUndici = new ServiceClient({ name: 'users', baseUrl: url, transport: undiciTransport() });
  const pipeline = new ServiceClient({ name: 'users', baseUrl: url, transport: instantTransport() });
  return {
    got: () => bare.get('users/7'),
    overGot: () => overGot.get('/users/7'),
    overUndici: () => overUndici.get('/users/7'),
    pipeline: () => pipeline.get('/users/7'),
  };
}
