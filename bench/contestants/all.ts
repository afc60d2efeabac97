import { undiciTransport } from 'holdfast/undici';
import { axiosStack } from './axios.ts';
import type { MakeContestant } from './contestant.ts';
import { cockatielFetch, kyStack, nodeFetch } from './fetch.ts';
import { bareGot, gluedGot } from './got.ts';
import { full, plain } from './holdfast.ts';
import { nodeHttp } from './node-http.ts';
import { cockatielUndici, undiciRequest, undiciRetryAgent, undiciRetryInterceptor } from './undici.ts';

/** Everybody in the race, by the name in the tables. */
export const CONTESTANTS: Readonly<Record<string, MakeContestant>> = {
  'node:http': nodeHttp,
  got: bareGot,
  'got + p-retry + opossum': gluedGot,
  'holdfast (got)': plain(),
  'holdfast (got), everything on': full(),
  fetch: nodeFetch,
  'cockatiel + fetch': cockatielFetch,
  'ky + opossum': kyStack,
  'axios + axios-retry + opossum': axiosStack,
  'undici.request': undiciRequest,
  'undici RetryAgent + opossum': undiciRetryAgent,
  'undici retry interceptor + opossum': undiciRetryInterceptor,
  'cockatiel + undici': cockatielUndici,
  'holdfast (undici)': plain(() => ({ transport: undiciTransport() })),
  'holdfast (undici), everything on': full(() => ({ transport: undiciTransport() })),
};

/** What the others are compared with. */
export const REFERENCE = 'got + p-retry + opossum';
