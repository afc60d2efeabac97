import CircuitBreaker from 'opossum';
import {
  assertOk,
  type Contestant,
  GET_PATH,
  JSON_TYPE,
  type MakeContestant,
  POST_PATH,
  POSTED,
  POSTED_JSON,
} from './contestant.ts';

/** Node's own fetch. */
export const nodeFetch: MakeContestant = url => calls(url, send => send());

/** cockatiel's retry, circuit and timeout around fetch. */
export const cockatielFetch: MakeContestant = async url => {
  const policy = await cockatielPolicy();
  return calls(url, send => policy.execute(send));
};

function calls(url: string, run: (send: () => Promise<unknown>) => Promise<unknown>): Contestant {
  const answer = async (response: Response) => {
    assertOk(response.status);
    return response.json();
  };
  return {
    get: () => run(async () => answer(await fetch(url + GET_PATH))),
    post: () =>
      run(async () =>
        answer(await fetch(url + POST_PATH, { method: 'POST', body: POSTED_JSON, headers: JSON_TYPE })),
      ),
  };
}

export async function cockatielPolicy() {
  const {
    circuitBreaker,
    ExponentialBackoff,
    handleAll,
    retry,
    SamplingBreaker,
    timeout,
    TimeoutStrategy,
    wrap,
  } = await import('cockatiel');
  return wrap(
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 100 }) }),
    circuitBreaker(handleAll, {
      halfOpenAfter: 5_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 1 }),
    }),
    timeout(8_000, TimeoutStrategy.Aggressive),
  );
}

/** ky's retry and timeout, opossum around them. */
export const kyStack: MakeContestant = async url => {
  const { default: ky } = await import('ky');
  const client = ky.create({ prefixUrl: url, retry: { limit: 2 }, timeout: 8_000 });
  const breaker = new CircuitBreaker((send: () => Promise<unknown>) => send(), BREAKER);
  return {
    get: () => breaker.fire(() => client.get(GET_PATH.slice(1)).json()),
    post: () => breaker.fire(() => client.post(POST_PATH.slice(1), { json: POSTED }).json()),
    close: () => breaker.shutdown(),
  };
};

export const BREAKER = {
  timeout: false as const,
  errorThresholdPercentage: 50,
  volumeThreshold: 20,
  resetTimeout: 5_000,
  rollingCountTimeout: 30_000,
};
