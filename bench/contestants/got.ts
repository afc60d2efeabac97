import http from 'node:http';
import got from 'got';
import CircuitBreaker from 'opossum';
import pRetry, { AbortError } from 'p-retry';
import { assertOk, GET_PATH, type MakeContestant, POST_PATH, POSTED } from './contestant.ts';

function instance(url: string, agent: http.Agent) {
  return got.extend({
    prefixUrl: url,
    agent: { http: agent },
    retry: { limit: 0 },
    throwHttpErrors: false,
    responseType: 'json',
    timeout: { request: 8_000 },
  });
}

const keepAlive = () => new http.Agent({ keepAlive: true, maxSockets: 1_000, scheduling: 'lifo' });

/** got with an instance of its own and a time limit, and nothing else. */
export const bareGot: MakeContestant = url => {
  const agent = keepAlive();
  const client = instance(url, agent);
  return {
    get: async () => (await client.get(GET_PATH.slice(1))).body,
    post: async () => (await client.post(POST_PATH.slice(1), { json: POSTED })).body,
    close: () => agent.destroy(),
  };
};

/** What a team writes today: p-retry around got, opossum around both. */
export const gluedGot: MakeContestant = url => {
  const agent = keepAlive();
  const client = instance(url, agent);
  type Send = () => Promise<{ statusCode: number; body: unknown }>;
  const withRetry = (send: Send) =>
    pRetry(
      async () => {
        const response = await send();
        assertOk(response.statusCode);
        if (response.statusCode >= 400) throw new AbortError(`status ${response.statusCode}`);
        return response.body;
      },
      { retries: 2, minTimeout: 100, maxTimeout: 5_000, randomize: true },
    );
  const breaker = new CircuitBreaker(withRetry, {
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: 20,
    resetTimeout: 5_000,
    rollingCountTimeout: 30_000,
  });
  return {
    get: () => breaker.fire(() => client.get(GET_PATH.slice(1))),
    post: () => breaker.fire(() => client.post(POST_PATH.slice(1), { json: POSTED })),
    close: () => {
      breaker.shutdown();
      agent.destroy();
    },
  };
};
