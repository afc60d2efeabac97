import http from 'node:http';
import CircuitBreaker from 'opossum';
import { GET_PATH, type MakeContestant, POST_PATH, POSTED } from './contestant.ts';
import { BREAKER } from './fetch.ts';

/** axios with axios-retry, opossum around them. */
export const axiosStack: MakeContestant = async url => {
  const { default: axios } = await import('axios');
  const { default: axiosRetry } = await import('axios-retry');
  const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 1_000, scheduling: 'lifo' });
  const client = axios.create({ baseURL: url, httpAgent, timeout: 8_000, proxy: false });
  axiosRetry(client, { retries: 2, retryDelay: axiosRetry.exponentialDelay });
  const breaker = new CircuitBreaker((send: () => Promise<{ data: unknown }>) => send(), BREAKER);
  return {
    get: () => breaker.fire(() => client.get(GET_PATH)),
    post: () => breaker.fire(() => client.post(POST_PATH, POSTED)),
    close: () => {
      breaker.shutdown();
      httpAgent.destroy();
    },
  };
};
