import CircuitBreaker from 'opossum';
import { cockatielPolicy } from './cockatiel.ts';
import {
  assertOk,
  type Contestant,
  JSON_TYPE,
  type MakeContestant,
  POSTED,
  POSTED_JSON,
} from './contestant.ts';
import { BREAKER } from './got.ts';

type Run = (send: () => Promise<unknown>) => Promise<unknown>;

/** Node's own fetch. */
export const nodeFetch: MakeContestant = url => calls(url, send => send());

/** cockatiel's retry, circuit and timeout around fetch. */
export const cockatielFetch: MakeContestant = async (url, tuning) => {
  const policy = await cockatielPolicy(tuning);
  return calls(url, send => policy.execute(send));
};

function calls(url: string, run: Run): Contestant {
  const answer = async (response: Response) => {
    assertOk(response.status);
    return response.json();
  };
  return {
    get: path => run(async () => answer(await fetch(url + path))),
    post: path =>
      run(async () =>
        answer(await fetch(url + path, { method: 'POST', body: POSTED_JSON, headers: JSON_TYPE })),
      ),
  };
}

/** ky's retry and timeout, opossum around them. */
export const kyStack: MakeContestant = async (url, { retryAtOnce }) => {
  const { default: ky } = await import('ky');
  const retry = retryAtOnce ? { limit: 2, delay: () => 1 } : { limit: 2 };
  const client = ky.create({ prefixUrl: url, retry, timeout: 8_000 });
  const breaker = new CircuitBreaker((send: () => Promise<unknown>) => send(), BREAKER);
  return {
    get: path => breaker.fire(() => client.get(path.slice(1)).json()),
    post: path => breaker.fire(() => client.post(path.slice(1), { json: POSTED }).json()),
  };
};
