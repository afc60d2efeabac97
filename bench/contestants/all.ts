import { undiciTransport } from 'holdfast/undici';
import { axiosStack } from './axios.ts';
import type { MakeContestant } from './contestant.ts';
import { cockatielFetch, kyStack, nodeFetch } from './fetch.ts';
import { bareGot, gluedGot, streamingGot } from './got.ts';
import { full, plain, spreading } from './holdfast.ts';
import { LOCAL } from './local.ts';
import { nodeHttp } from './node-http.ts';
import { cockatielUndici, undiciRequest, undiciRetryAgent, undiciRetryInterceptor } from './undici.ts';

/** Everybody who calls the server, by the name in the tables. */
export const CALLERS: Readonly<Record<string, MakeContestant>> = {
  'node:http': nodeHttp,
  got: bareGot,
  'got.stream, read by hand': streamingGot,
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
  'holdfast (undici)': plain(undiciTransport),
  'holdfast (undici), everything on': full(undiciTransport),
};

/** What a further endpoint takes is told by these. */
export const SPREADING: Readonly<Record<string, MakeContestant>> = {
  'holdfast (got), three endpoints': spreading(),
  'holdfast (undici), three endpoints': spreading(undiciTransport),
};

/** Everybody who can be put into a process of its own to be called. */
export const CONTESTANTS: Readonly<Record<string, MakeContestant>> = { ...CALLERS, ...SPREADING, ...LOCAL };

/** What the others are compared with. */
export const REFERENCE = 'got + p-retry + opossum';

/** The pairs that the goals are about: the first is to cost no more than the second. */
export const PAIRS = [
  ['holdfast (got)', REFERENCE],
  ['holdfast (got), everything on', REFERENCE],
  ['holdfast (got)', 'got.stream, read by hand'],
  ['holdfast (undici)', 'undici.request'],
  ['holdfast (undici)', 'undici retry interceptor + opossum'],
] as const;
