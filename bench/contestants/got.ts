import got from 'got';
import CircuitBreaker from 'opossum';
import pRetry, { AbortError } from 'p-retry';
import { assertOk, firstDelayMs, type MakeContestant, POSTED } from './contestant.ts';
import { keepAlive } from './node-http.ts';

function instance(url: string, sockets: number) {
  return got.extend({
    prefixUrl: url,
    agent: { http: keepAlive(sockets) },
    retry: { limit: 0 },
    throwHttpErrors: false,
    responseType: 'json',
    timeout: { request: 8_000 },
  });
}

/** got with an instance of its own and a time limit, and nothing else. */
export const bareGot: MakeContestant = (url, { sockets }) => {
  const client = instance(url, sockets);
  return {
    get: async path => (await client.get(path.slice(1))).body,
    post: async path => (await client.post(path.slice(1), { json: POSTED })).body,
  };
};

/** What a team writes today: p-retry around got, opossum around both. */
export const gluedGot: MakeContestant = (url, tuning) => {
  const client = instance(url, tuning.sockets);
  const retries = {
    retries: 2,
    minTimeout: firstDelayMs(tuning),
    maxTimeout: 5_000,
    randomize: !tuning.retryAtOnce,
  };
  type Send = () => Promise<{ statusCode: number; body: unknown }>;
  const withRetry = (send: Send) =>
    pRetry(async () => {
      const response = await send();
      assertOk(response.statusCode);
      if (response.statusCode >= 400) throw new AbortError(`status ${response.statusCode}`);
      return response.body;
    }, retries);
  const breaker = new CircuitBreaker(withRetry, BREAKER);
  return {
    get: path => breaker.fire(() => client.get(path.slice(1))),
    post: path => breaker.fire(() => client.post(path.slice(1), { json: POSTED })),
  };
};

/** opossum as a team sets it up: the bounds of holdfast's circuit. */
export const BREAKER = {
  timeout: false as const,
  errorThresholdPercentage: 50,
  volumeThreshold: 20,
  resetTimeout: 5_000,
  rollingCountTimeout: 30_000,
};
