import CircuitBreaker from 'opossum';
import { type MakeContestant, POSTED } from './contestant.ts';
import { BREAKER } from './got.ts';
import { keepAlive } from './node-http.ts';

/** axios with axios-retry, opossum around them. */
export const axiosStack: MakeContestant = async (url, { retryAtOnce, sockets }) => {
  const { default: axios } = await import('axios');
  const { default: axiosRetry } = await import('axios-retry');
  const client = axios.create({ baseURL: url, httpAgent: keepAlive(sockets), timeout: 8_000, proxy: false });
  axiosRetry(client, { retries: 2, retryDelay: retryAtOnce ? () => 1 : axiosRetry.exponentialDelay });
  const breaker = new CircuitBreaker(
    async (send: () => Promise<{ data: unknown }>) => (await send()).data,
    BREAKER,
  );
  return {
    get: path => breaker.fire(() => client.get(path)),
    post: path => breaker.fire(() => client.post(path, POSTED)),
  };
};
