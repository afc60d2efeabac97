import type { Readable } from 'node:stream';
import type {
  AttemptRecord,
  CallOptions,
  FetchFunction,
  RetryDecision,
  RetryRefusal,
  SafeCalls,
  ServiceClient,
  ServiceClientError,
  ServiceFailure,
  ServiceResponse,
  ServiceResult,
  StandardSchemaV1,
  StreamCompletion,
  StreamOptions,
  StreamResponse,
} from 'holdfast';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

declare const client: ServiceClient;

interface User {
  id: number;
}

describe('the data of a call', () => {
  test('is unknown by itself', () => {
    expectTypeOf(client.get('/')).resolves.toEqualTypeOf<ServiceResponse<unknown>>();
  });

  test('is what the type argument says, on every verb', () => {
    expectTypeOf(client.get<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.head<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.options<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.delete<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.post<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.put<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.patch<User>('/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf(client.request<User>('QUERY', '/')).resolves.toEqualTypeOf<ServiceResponse<User>>();
  });

  test('is what the schema gives, converted', () => {
    const schema = z.object({ since: z.string().transform(day => new Date(day)) });
    expectTypeOf(client.get('/', { schema })).resolves.toEqualTypeOf<ServiceResponse<{ since: Date }>>();
    expectTypeOf(client.safe.get('/', { schema })).resolves.toEqualTypeOf<ServiceResult<{ since: Date }>>();
  });

  test('takes any Standard Schema', () => {
    const schema = {} as StandardSchemaV1<string, User>;
    expectTypeOf(
      client.get('/', { schema: schema as StandardSchemaV1<unknown, User> }),
    ).resolves.toEqualTypeOf<ServiceResponse<User>>();
    expectTypeOf<StandardSchemaV1<string, User>['~standard']['version']>().toEqualTypeOf<1>();
  });

  test('is the fallback’s type too', () => {
    void client.get<User>('/', { fallback: { id: 0 } });
    void client.get<User>('/', { fallback: async error => ({ id: error.attempts.length }) });
    // @ts-expect-error a string is no user
    void client.get<User>('/', { fallback: 'none' });
    // @ts-expect-error nor does the function give one
    void client.get<User>('/', { fallback: () => 'none' });
    void client.get('/', {
      fallback: error => {
        expectTypeOf(error).toEqualTypeOf<ServiceClientError>();
      },
    });
  });
});

describe('call options', () => {
  test('take one body', () => {
    expectTypeOf<{ json: unknown }>().toExtend<CallOptions>();
    expectTypeOf<{ form: { a: number[]; b: undefined } }>().toExtend<CallOptions>();
    expectTypeOf<{ body: string | Uint8Array | URLSearchParams | FormData | Blob }>().toExtend<CallOptions>();
    expectTypeOf<{ body: Readable; bodyBytes: number }>().toExtend<CallOptions>();
    expectTypeOf<{ body: ReadableStream<Uint8Array> }>().toExtend<CallOptions>();
    expectTypeOf<{ body: () => Readable }>().toExtend<CallOptions>();
    // @ts-expect-error two bodies
    void client.post('/', { json: 1, body: 'x' });
    // @ts-expect-error only a stream needs to be told its length
    void client.post('/', { body: 'x', bodyBytes: 1 });
  });

  test('refuse what is unknown, and what is for streams', () => {
    // @ts-expect-error a typing mistake
    void client.get('/', { tiemout: {} });
    // @ts-expect-error for streams
    void client.get('/', { decompress: false });
    // @ts-expect-error one budget per client
    void client.get('/', { retry: { budget: false } });
    // @ts-expect-error a stream has no schema
    void client.stream('GET', '/', { schema: z.string() });
    expectTypeOf<{ decompress: false; resume: { maxResumes: number } }>().toExtend<StreamOptions>();
  });

  test('take what the page says', () => {
    const options: CallOptions = {
      params: { id: 1, day: new Date(), flag: true, big: 1n },
      query: { a: ['x', 1], b: undefined },
      headers: { a: 'b', c: ['d'], e: undefined },
      responseType: 'bytes',
      timeout: { totalMs: false, attemptMs: 1 },
      retry: false,
      signal: AbortSignal.timeout(1),
      deadline: new Date(),
      idempotencyKey: true,
      idempotent: true,
      limits: { maxResponseBytes: false },
      redirect: 'same-origin',
      hedge: false,
      route: '/x',
      context: { jobId: 1 },
      tags: { a: 'b' },
    };
    expectTypeOf(options).toExtend<CallOptions>();
  });
});

describe('results', () => {
  test('are told apart by ok', async () => {
    const result = await client.safe.get<User>('/');
    if (result.ok) {
      expectTypeOf(result).toEqualTypeOf<ServiceResponse<User>>();
      expectTypeOf(result.data).toEqualTypeOf<User>();
      expectTypeOf(result.fallbackError).toEqualTypeOf<ServiceClientError | undefined>();
    } else {
      expectTypeOf(result).toEqualTypeOf<ServiceFailure>();
      expectTypeOf(result.error).toEqualTypeOf<unknown>();
      expectTypeOf(result.endpoint).toEqualTypeOf<string | undefined>();
    }
    expectTypeOf(result.attempts).toEqualTypeOf<readonly AttemptRecord[]>();
    expectTypeOf(result.status).toEqualTypeOf<number>();
  });

  test('come from verbs like the client’s', () => {
    expectTypeOf(client.safe).toEqualTypeOf<SafeCalls>();
    type Verb = 'get' | 'head' | 'options' | 'delete' | 'post' | 'put' | 'patch' | 'request';
    expectTypeOf<keyof SafeCalls>().toEqualTypeOf<Verb>();
  });

  test('can be read, not changed', () => {
    const response = {} as ServiceResponse<User>;
    // @ts-expect-error readonly
    response.status = 1;
    expectTypeOf(response.headers['set-cookie']).toEqualTypeOf<string | string[] | undefined>();
  });

  test('log each attempt with its decision', () => {
    expectTypeOf<AttemptRecord['outcome']>().toEqualTypeOf<'response' | 'error' | 'aborted'>();
    expectTypeOf<NonNullable<AttemptRecord['retry']>>().toEqualTypeOf<RetryDecision>();
    const decision = {} as RetryDecision;
    if ('refused' in decision) expectTypeOf(decision.refused).toEqualTypeOf<RetryRefusal>();
    else expectTypeOf(decision.source).toEqualTypeOf<'backoff' | 'retry-after' | 'immediate'>();
    expectTypeOf<RetryRefusal>().toEqualTypeOf<
      | 'not-retryable'
      | 'attempts-spent'
      | 'budget-spent'
      | 'deadline-too-near'
      | 'retry-after-too-long'
      | 'committed'
      | 'no-endpoint'
      | 'circuit-open'
    >();
  });
});

test('a stream has a Readable and its completion', () => {
  expectTypeOf(client.stream('GET', '/')).resolves.toEqualTypeOf<StreamResponse>();
  expectTypeOf<StreamResponse['body']>().toEqualTypeOf<Readable>();
  expectTypeOf<StreamResponse['completed']>().resolves.toEqualTypeOf<StreamCompletion>();
  expectTypeOf<StreamCompletion['aborted']>().toEqualTypeOf<true | undefined>();
});

test('fetch can stand in for the global one', () => {
  expectTypeOf(client.fetch).toEqualTypeOf<FetchFunction>();
  expectTypeOf(client.fetch).toBeCallableWith('/', { method: 'POST', body: 'x' });
  expectTypeOf(client.fetch).toExtend<typeof globalThis.fetch>();
});
