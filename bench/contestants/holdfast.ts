import { ServiceClient, type ServiceClientOptions } from 'holdfast';
import pino from 'pino';
import { z } from 'zod';
import { type Contestant, GET_PATH, type MakeContestant, POST_PATH, POSTED } from './contestant.ts';

type Extra = Partial<Pick<ServiceClientOptions, 'transport' | 'logger' | 'probe'>>;

const schema = z.looseObject({ id: z.number() });

/** A client with its defaults. */
export function plain(extra: () => Extra = () => ({})): MakeContestant {
  return url => {
    const client = new ServiceClient({ name: 'users', baseUrl: url, ...extra() });
    return {
      get: async () => (await client.get(GET_PATH)).data,
      post: async () => (await client.post(POST_PATH, { json: POSTED })).data,
      close: () => client.close(),
    };
  };
}

/** A client with everything on: a schema, a logger at info, three endpoints, probes. */
export function full(extra: () => Extra = () => ({})): MakeContestant {
  return (url): Contestant => {
    const { port } = new URL(url);
    const endpoints = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map(host => `http://${host}:${port}`);
    const logger = pino({ level: 'info' }, pino.destination({ dest: '/dev/null', sync: false }));
    const client = new ServiceClient({ name: 'users', endpoints, logger, probe: true, ...extra() });
    return {
      get: async () => (await client.get('/users/{id}', { params: { id: 7 }, schema })).data,
      post: async () => (await client.post(POST_PATH, { json: POSTED, schema })).data,
      close: () => client.close(),
    };
  };
}
