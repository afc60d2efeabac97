import { describe, expect, test } from 'vitest';
import {
  NetworkError,
  ServiceClient,
  type ServiceClientOptions,
  type Transport,
  type TransportFactory,
  type TransportRequest,
} from '../../src/index.ts';
import { ManualClock, settlePromises } from '../support/manual-clock.ts';
import { rejectionOf } from '../support/transport-request.ts';

// What a transport of the user's own threw reached the caller as it was, without retries, log or circuit; and one that
// hung was ended by the total time only.

type Send = (request: TransportRequest) => unknown;

const ready = (send: Send): Transport => ({ send: send as Transport['send'], close() {} });
const factory = (send: Send): TransportFactory => ({ open: () => ready(send) });

function open(transport: ServiceClientOptions['transport'], options: object = {}): ServiceClient {
  const retry = { backoff: { baseDelayMs: 0 } };
  return new ServiceClient({ name: 'users', baseUrl: 'http://users.test', transport, retry, ...options });
}

describe.each([
  ['a ready transport', ready],
  ['the transport of a factory', factory],
])('what %s throws', (_name, of) => {
  const thrown = Object.assign(new Error('my own text'), { code: 'EMYOWN' });
  const throwing: [string, Send][] = [
    ['later', () => Promise.reject(thrown)],
    [
      'at once',
      () => {
        throw thrown;
      },
    ],
  ];

  test.each(throwing)('%s is the cause of a NetworkError, and resent like one', async (_when, send) => {
    let sent = 0;
    const client = open(
      of(request => {
        sent++;
        return send(request);
      }),
    );
    const error = (await rejectionOf(client.get('/'))) as NetworkError;
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ phase: 'response', systemCode: 'EMYOWN', endpoint: 'http://users.test' });
    expect(error.cause).toBe(thrown);
    expect(error.message).not.toContain('my own text');
    expect(error.attempts.map(({ outcome, code }) => [outcome, code])).toEqual(
      Array(3).fill(['error', 'ERR_NETWORK']),
    );
    expect(sent).toBe(3);
  });

  test('does not send a POST again: nobody knows whether it arrived', async () => {
    let sent = 0;
    const client = open(
      of(() => {
        sent++;
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
      }),
    );
    expect(await client.safe.post('/', { json: {} })).toMatchObject({
      status: 503,
      attempts: [{ number: 1 }],
    });
    expect(sent).toBe(1);
  });

  test('counts as a failure of the endpoint', async () => {
    const transport = of(() => Promise.reject(thrown));
    const client = open(transport, { retry: false, circuitBreaker: { minThroughput: 1 } });
    await rejectionOf(client.get('/'));
    expect(client.health().endpoints[0]?.circuit).toBe('open');
  });

  test('stays what it is when it is an error of ours, or the reason of an abort', async () => {
    const own = new NetworkError({ service: 'users', phase: 'connect', neverSent: true });
    expect(await rejectionOf(open(of(() => Promise.reject(own))).post('/'))).toBe(own);
    const controller = new AbortController();
    const aborted = open(
      of(({ cancellation }) => {
        controller.abort(thrown);
        return Promise.reject(cancellation.reason);
      }),
    );
    const { signal } = controller;
    expect(await aborted.safe.get('/', { signal })).toMatchObject({
      status: 499,
      error: thrown,
      attempts: [{ outcome: 'aborted' }],
    });
  });
});

test('a transport without sockets is ended by the time of an attempt', async () => {
  const clock = new ManualClock();
  const timeout = { attemptMs: 100, totalMs: 1_000 };
  const client = open(
    ready(() => new Promise(() => {})),
    { clock, timeout, retry: false },
  );
  const failed = rejectionOf(client.get('/'));
  await settlePromises();
  await clock.advance(100);
  expect(await failed).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'attempt', timeoutMs: 100 });
  expect(clock.pending).toBe(0);
});

test('one that waits for a socket of its pool is ended by the total time alone, with no verdict on the endpoint', async () => {
  const clock = new ManualClock();
  const timeout = { attemptMs: 100, totalMs: 1_000 };
  const circuitBreaker = { minThroughput: 1 };
  const client = open(
    factory(() => new Promise(() => {})),
    { clock, timeout, circuitBreaker, retry: false },
  );
  const failed = rejectionOf(client.get('/'));
  await settlePromises();
  await clock.advance(1_000);
  expect(await failed).toMatchObject({ code: 'ERR_TIMEOUT', scope: 'total' });
  expect(client.health().endpoints[0]?.circuit).toBe('closed');
});
