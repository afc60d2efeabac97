import CircuitBreaker from 'opossum';
import { Agent, type Dispatcher, interceptors, RetryAgent, request } from 'undici';
import {
  assertOk,
  type Contestant,
  GET_PATH,
  JSON_TYPE,
  type MakeContestant,
  POST_PATH,
  POSTED_JSON,
} from './contestant.ts';
import { BREAKER, cockatielPolicy } from './fetch.ts';

type Run = (send: () => Promise<unknown>) => Promise<unknown>;

/** `undici.request` with a pool of its own, and nothing else. */
export const undiciRequest: MakeContestant = url =>
  calls(url, new Agent({ connections: 1_000 }), send => send());

/** undici's RetryAgent, opossum around it. */
export const undiciRetryAgent: MakeContestant = url =>
  withBreaker(url, new RetryAgent(new Agent({ connections: 1_000 })));

/** undici's retry interceptor, opossum around it. */
export const undiciRetryInterceptor: MakeContestant = url =>
  withBreaker(url, new Agent({ connections: 1_000 }).compose(interceptors.retry({ maxRetries: 2 })));

/** cockatiel's retry, circuit and timeout around `undici.request`. */
export const cockatielUndici: MakeContestant = async url => {
  const policy = await cockatielPolicy();
  return calls(url, new Agent({ connections: 1_000 }), send => policy.execute(send));
};

function withBreaker(url: string, dispatcher: Dispatcher): Contestant {
  const breaker = new CircuitBreaker((send: () => Promise<unknown>) => send(), BREAKER);
  return calls(url, dispatcher, send => breaker.fire(send));
}

function calls(url: string, dispatcher: Dispatcher, run: Run): Contestant {
  const send = (
    path: string,
    options: { method: 'GET' | 'POST'; body?: string; headers?: Record<string, string> },
  ) =>
    run(async () => {
      const { statusCode, body } = await request(url + path, { dispatcher, ...options });
      assertOk(statusCode);
      return body.json();
    });
  return {
    get: () => send(GET_PATH, { method: 'GET' }),
    post: () => send(POST_PATH, { method: 'POST', body: POSTED_JSON, headers: JSON_TYPE }),
    close: () => dispatcher.close(),
  };
}
