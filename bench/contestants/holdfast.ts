import { ServiceClient, type ServiceClientOptions } from 'holdfast';
import pino from 'pino';
import { z } from 'zod';
import { AS_USUAL, GET_PATH, type MakeContestant, NEVER_REACHED, POSTED, type Tuning } from './contestant.ts';
import { tracedAttempt, tracedCall } from './tracing.ts';

type Transport = NonNullable<ServiceClientOptions['transport']>;
type Shared = Partial<
  Pick<ServiceClientOptions, 'transport' | 'retry' | 'circuitBreaker' | 'bulkhead' | 'pool'>
>;

const schema = z.looseObject({ id: z.number() });

/** What differs from the defaults: nothing, but for what the job asks for. */
export function options({ retryAtOnce, sockets }: Tuning, transport?: () => Transport): Shared {
  return {
    ...(transport && { transport: transport() }),
    ...(retryAtOnce && {
      retry: { backoff: { baseDelayMs: 1, jitter: 'none' }, budget: false },
      // On, but every first attempt fails here.
      circuitBreaker: { minThroughput: NEVER_REACHED },
    }),
    ...(sockets !== AS_USUAL.sockets && {
      bulkhead: { maxConcurrent: sockets },
      // The others keep theirs until the server closes them.
      pool: { maxSockets: sockets, idleTimeoutMs: 60_000 },
    }),
  };
}

/** A client with its defaults. */
export function plain(transport?: () => Transport): MakeContestant {
  return (url, tuning) => {
    const client = new ServiceClient({ name: 'users', baseUrl: url, ...options(tuning, transport) });
    return {
      get: async path => (await client.get(path)).data,
      post: async path => (await client.post(path, { json: POSTED })).data,
    };
  };
}

const threeEndpoints = (url: string) => {
  const { port } = new URL(url);
  return ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map(host => `http://${host}:${port}`);
};

/** A client with its defaults, and three endpoints. */
export function spreading(transport?: () => Transport): MakeContestant {
  return (url, tuning) => {
    const endpoints = threeEndpoints(url);
    const client = new ServiceClient({ name: 'users', endpoints, ...options(tuning, transport) });
    return {
      get: async path => (await client.get(path)).data,
      post: async path => (await client.post(path, { json: POSTED })).data,
    };
  };
}

/** A client with everything on: a schema, a logger at info, spans without an SDK, three endpoints, probes. */
export function full(transport?: () => Transport): MakeContestant {
  return (url, tuning) => {
    const client = new ServiceClient({
      name: 'users',
      endpoints: threeEndpoints(url),
      logger: pino({ level: 'info' }, pino.destination({ dest: '/dev/null', sync: false })),
      interceptors: { call: [tracedCall], attempt: [tracedAttempt] },
      probe: true,
      ...options(tuning, transport),
    });
    return {
      get: async path =>
        path === GET_PATH
          ? (await client.get('/users/{id}', { params: { id: 7 }, schema })).data
          : (await client.get(path, { schema })).data,
      post: async path => (await client.post(path, { json: POSTED, schema })).data,
    };
  };
}
