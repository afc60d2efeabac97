import { isServiceClientError, ServiceClient, type Transport } from 'holdfast';
import CircuitBreaker from 'opossum';
import pRetry from 'p-retry';
import { ANSWER } from '../processes/answer.ts';
import { cockatielPolicy } from './cockatiel.ts';
import type { Contestant, MakeContestant } from './contestant.ts';
import { BREAKER } from './got.ts';
import { full } from './holdfast.ts';

/** Without a network: what the layers around a request cost by themselves. */
const headers = { 'content-type': 'application/json', 'content-length': String(ANSWER.length) };

/** A body in memory, handed over at once. */
const body = {
  bytes: async () => ANSWER,
  stream: () => {
    throw new Error('not streamed');
  },
  discard: () => {},
  trailers: () => undefined,
};

const answering = (status: number): Transport => ({
  send: async () => ({ status, headers, body }),
  close: () => {},
});

const parsed = async (): Promise<unknown> => JSON.parse(ANSWER.toString());

const only = (get: () => Promise<unknown>): Contestant => ({ get, post: get });

/** Rejections are what is measured; anything else is not. */
const refused =
  (call: () => Promise<unknown>, isRefusal: (error: unknown) => boolean) => async (): Promise<unknown> => {
    try {
      await call();
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
    throw new Error('was not refused');
  };

/** A client whose circuit is open, and stays open. */
async function openClient(): Promise<ServiceClient> {
  const client = new ServiceClient({
    name: 'users',
    baseUrl: 'http://users.test',
    transport: answering(503),
    retry: false,
    circuitBreaker: { minThroughput: 1, openMs: 3_600_000, maxOpenMs: 3_600_000 },
  });
  await client.safe.get('/');
  return client;
}

const isOpen = (error: unknown) => isServiceClientError(error) && error.code === 'ERR_CIRCUIT_OPEN';

async function openCockatiel(): Promise<Contestant> {
  const { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleAll } = await import('cockatiel');
  const policy = circuitBreaker(handleAll, {
    halfOpenAfter: 3_600_000,
    breaker: new ConsecutiveBreaker(1),
  });
  const fail = async () => {
    throw new Error('down');
  };
  await policy.execute(fail).catch(() => {});
  return only(
    refused(
      () => policy.execute(parsed),
      error => error instanceof BrokenCircuitError,
    ),
  );
}

function openOpossum(): Contestant {
  const breaker = new CircuitBreaker(parsed, { ...BREAKER, resetTimeout: 3_600_000 });
  breaker.open();
  return only(
    refused(
      () => breaker.fire(),
      error => Object(error).code === 'EOPENBREAKER',
    ),
  );
}

export const REFUSALS: Readonly<Record<string, MakeContestant>> = {
  'holdfast, circuit open': async () => {
    const client = await openClient();
    return only(refused(() => client.get('/users/7'), isOpen));
  },
  'holdfast, circuit open, safe.get': async () => {
    const client = await openClient();
    return only(async () => {
      const result = await client.safe.get('/users/7');
      if (result.ok) throw new Error('was not refused');
      return result;
    });
  },
  'opossum, open': openOpossum,
  'cockatiel, open': openCockatiel,
};

export const ANSWERED_AT_ONCE: Readonly<Record<string, MakeContestant>> = {
  'no layers, answered at once': () => only(parsed),
  'p-retry + opossum, answered at once': () => {
    const breaker = new CircuitBreaker(() => pRetry(parsed, { retries: 2 }), BREAKER);
    return only(() => breaker.fire());
  },
  'cockatiel, answered at once': async (_, tuning) => {
    const policy = await cockatielPolicy(tuning);
    return only(() => policy.execute(parsed));
  },
  'holdfast, answered at once': () => {
    const client = new ServiceClient({
      name: 'users',
      baseUrl: 'http://users.test',
      transport: answering(200),
    });
    return only(async () => (await client.get('/users/7')).data);
  },
  'holdfast, everything on, answered at once': full(() => answering(200)),
};

export const LOCAL: Readonly<Record<string, MakeContestant>> = { ...REFUSALS, ...ANSWERED_AT_ONCE };
