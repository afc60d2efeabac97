import CircuitBreaker from 'opossum';
import { Agent, type Dispatcher, interceptors, RetryAgent, request } from 'undici';
import { cockatielPolicy } from './cockatiel.ts';
import {
  assertOk,
  type Contestant,
  firstDelayMs,
  JSON_TYPE,
  type MakeContestant,
  POSTED_JSON,
  type Tuning,
} from './contestant.ts';
import { BREAKER } from './got.ts';

type Run = (send: () => Promise<unknown>) => Promise<unknown>;

const agent = ({ sockets }: Tuning) => new Agent({ connections: sockets });
const retries = (tuning: Tuning) => ({ maxRetries: 2, minTimeout: firstDelayMs(tuning) });

/** `undici.request` with a pool of its own, and nothing else. */
export const undiciRequest: MakeContestant = (url, tuning) => calls(url, agent(tuning), send => send());

/** undici's RetryAgent, opossum around it. */
export const undiciRetryAgent: MakeContestant = (url, tuning) =>
  withBreaker(url, new RetryAgent(agent(tuning), retries(tuning)));

/** undici's retry interceptor, opossum around it. */
export const undiciRetryInterceptor: MakeContestant = (url, tuning) =>
  withBreaker(url, agent(tuning).compose(interceptors.retry(retries(tuning))));

/** cockatiel's retry, circuit and timeout around `undici.request`. */
export const cockatielUndici: MakeContestant = async (url, tuning) => {
  const policy = await cockatielPolicy(tuning);
  return calls(url, agent(tuning), send => policy.execute(send));
};

function withBreaker(url: string, dispatcher: Dispatcher): Contestant {
  const breaker = new CircuitBreaker((send: () => Promise<unknown>) => send(), BREAKER);
  return calls(url, dispatcher, send => breaker.fire(send));
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function calls(url: string, dispatcher: Dispatcher, run: Run): Contestant {
  const send = (path: string, call: Call) =>
    run(async () => {
      const { statusCode, body } = await request(url + path, { dispatcher, ...call });
      if (statusCode >= 500) await body.dump();
      assertOk(statusCode);
      return body.json();
    });
  return {
    get: path => send(path, { method: 'GET' }),
    post: path => send(path, { method: 'POST', body: POSTED_JSON, headers: JSON_TYPE }),
  };
}
