import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Auth,
  type AuthRequest,
  type BackoffOptions,
  type BulkheadOptions,
  type CallRetryOptions,
  type CircuitBreakerOptions,
  type Clock,
  type ContextValues,
  type DnsDiscoveryOptions,
  deadlineFrom,
  defineServices,
  dnsDiscovery,
  type EndpointDiscovery,
  type EndpointInit,
  type EndpointPicker,
  type EndpointView,
  type HealthReport,
  type LimitsOptions,
  type LoadBalancingOptions,
  type Logger,
  optionsFromEnv,
  type PassthroughOptions,
  type PassthroughResult,
  type PollingDiscoveryOptions,
  type PoolOptions,
  type ProbeOptions,
  type PropagateOptions,
  pollingDiscovery,
  type RetryBudgetOptions,
  type RetryContext,
  type RetryOptions,
  runInContext,
  ServiceClient,
  type ServiceClientError,
  type ServiceClientOptions,
  type ServiceClientOverrides,
  type ServiceDefinition,
  type ServiceStatus,
  type Services,
  type ServicesHealth,
  type ServicesMethods,
  sendProblem,
  staticDiscovery,
  type TimeoutOptions,
  type Timer,
  type TlsOptions,
} from 'holdfast';
import { describe, expectTypeOf, test } from 'vitest';

const name = 'users';
const baseUrl = 'http://a';

describe('an address', () => {
  test('is exactly one of three', () => {
    expectTypeOf<{ name: string; baseUrl: string }>().toExtend<ServiceClientOptions>();
    expectTypeOf<{ name: string; endpoints: EndpointInit[] }>().toExtend<ServiceClientOptions>();
    expectTypeOf<{ name: string; discovery: EndpointDiscovery }>().toExtend<ServiceClientOptions>();
    expectTypeOf<{ name: string }>().not.toExtend<ServiceClientOptions>();
    expectTypeOf<{
      name: string;
      baseUrl: string;
      endpoints: string[];
    }>().not.toExtend<ServiceClientOptions>();
    expectTypeOf<{ baseUrl: string }>().not.toExtend<ServiceClientOptions>();
    expectTypeOf<{ baseUrl: string }>().toExtend<ServiceClientOverrides>();
  });

  test('may say more of an endpoint', () => {
    const endpoint = { url: 'http://a', weight: 2, serverName: 'a', hostHeader: 'a' };
    expectTypeOf(endpoint).toExtend<EndpointInit>();
    expectTypeOf<string>().toExtend<EndpointInit>();
  });

  test('may be found by a discovery', () => {
    expectTypeOf(staticDiscovery).returns.toEqualTypeOf<EndpointDiscovery>();
    expectTypeOf(dnsDiscovery).parameters.toEqualTypeOf<[DnsDiscoveryOptions]>();
    expectTypeOf(pollingDiscovery).parameters.toEqualTypeOf<[PollingDiscoveryOptions]>();
    expectTypeOf<DnsDiscoveryOptions['type']>().toEqualTypeOf<'A' | 'AAAA' | 'SRV'>();
    expectTypeOf<EndpointDiscovery['watch']>().returns.toExtend<AsyncIterable<readonly EndpointInit[]>>();
  });
});

describe('options', () => {
  test('refuse what is unknown', () => {
    // @ts-expect-error a typing mistake
    new ServiceClient({ name, baseUrl, tiemout: {} });
    // @ts-expect-error a typing mistake further down
    new ServiceClient({ name, baseUrl, retry: { maxAttempt: 1 } });
    // @ts-expect-error not a strategy
    new ServiceClient({ name, baseUrl, loadBalancing: { strategy: 'fastest' } });
  });

  test('can be switched off where the page says so', () => {
    new ServiceClient({
      name,
      baseUrl,
      retry: false,
      circuitBreaker: false,
      bulkhead: false,
      probe: false,
      via: false,
    });
    new ServiceClient({
      name,
      baseUrl,
      timeout: { totalMs: false, attemptMs: false, connectMs: false, idleMs: false },
    });
    new ServiceClient({ name, baseUrl, retry: { budget: false }, limits: { maxResponseBytes: false } });
    // @ts-expect-error the endpoints must be chosen somehow
    new ServiceClient({ name, baseUrl, loadBalancing: false });
  });

  test('take undefined for absent', () => {
    new ServiceClient({
      name,
      baseUrl,
      retry: undefined,
      timeout: { totalMs: undefined },
      headers: { a: undefined },
    });
  });

  test('are typed one by one', () => {
    type Options = ServiceClientOptions;
    expectTypeOf<TimeoutOptions>().toExtend<NonNullable<Options['timeout']>>();
    expectTypeOf<RetryOptions>().toExtend<NonNullable<Options['retry']>>();
    expectTypeOf<BackoffOptions>().toEqualTypeOf<NonNullable<RetryOptions['backoff']>>();
    expectTypeOf<RetryBudgetOptions>().toExtend<NonNullable<RetryOptions['budget']>>();
    expectTypeOf<keyof CallRetryOptions>().toEqualTypeOf<Exclude<keyof RetryOptions, 'budget'>>();
    expectTypeOf<CircuitBreakerOptions>().toExtend<NonNullable<Options['circuitBreaker']>>();
    expectTypeOf<BulkheadOptions>().toExtend<NonNullable<Options['bulkhead']>>();
    expectTypeOf<ProbeOptions>().toExtend<NonNullable<Options['probe']>>();
    expectTypeOf<LimitsOptions>().toEqualTypeOf<NonNullable<Options['limits']>>();
    expectTypeOf<PoolOptions>().toEqualTypeOf<NonNullable<Options['pool']>>();
    expectTypeOf<PropagateOptions>().toEqualTypeOf<NonNullable<Options['propagate']>>();
    expectTypeOf<LoadBalancingOptions>().toEqualTypeOf<NonNullable<Options['loadBalancing']>>();
    expectTypeOf<TlsOptions | (() => TlsOptions)>().toEqualTypeOf<NonNullable<Options['tls']>>();
    expectTypeOf<BackoffOptions['jitter']>().toEqualTypeOf<'full' | 'equal' | 'none' | undefined>();
  });

  test('tell shouldRetry what happened, and take no promise from it', () => {
    const options: RetryOptions = {
      shouldRetry: context => {
        expectTypeOf(context).toEqualTypeOf<RetryContext>();
        expectTypeOf(context.willRetry).toEqualTypeOf<boolean>();
        return context.status === 409 ? true : undefined;
      },
    };
    expectTypeOf(options).toExtend<RetryOptions>();
    expectTypeOf<() => Promise<boolean>>().not.toExtend<NonNullable<RetryOptions['shouldRetry']>>();
  });

  test('take an own picker, which gives one of its candidates', () => {
    const picker: EndpointPicker = { pick: candidates => candidates.find(({ inFlight }) => inFlight === 0) };
    new ServiceClient({ name, endpoints: ['http://a'], loadBalancing: { strategy: picker } });
    expectTypeOf<EndpointView['latencyMs']>().toEqualTypeOf<number | undefined>();
  });

  test('take auth that answers at once or later', () => {
    expectTypeOf<Auth>().parameter(0).toEqualTypeOf<AuthRequest>();
    expectTypeOf<AuthRequest>().toEqualTypeOf<{
      readonly refresh: boolean;
      readonly endpoint: string;
      readonly signal: AbortSignal;
    }>();
    expectTypeOf<() => string>().toExtend<Auth>();
    expectTypeOf<() => Promise<string>>().toExtend<Auth>();
    expectTypeOf<() => undefined>().not.toExtend<Auth>();
  });

  test('take a clock, and anything that logs like pino', () => {
    expectTypeOf<Clock['setTimeout']>().returns.toEqualTypeOf<Timer>();
    const clock: Clock = { now: () => 0, monotonic: () => 0, setTimeout: () => ({ clear() {} }) };
    const log = (_fields: object, _message: string) => {};
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    new ServiceClient({ name, baseUrl, clock, logger, random: () => 0.5 });
  });
});

describe('defineServices', () => {
  const services = defineServices(
    { users: { baseUrl }, youtube: { endpoints: [baseUrl] } },
    { retry: false },
  );

  test('has a client for each key, and no other', () => {
    expectTypeOf(services.users).toEqualTypeOf<ServiceClient>();
    expectTypeOf<keyof typeof services>().toEqualTypeOf<'users' | 'youtube' | keyof ServicesMethods>();
    // @ts-expect-error no such service
    services.nobody;
    // @ts-expect-error the key is the name
    defineServices({ users: { baseUrl, name: 'other' } });
  });

  test('has its methods', () => {
    expectTypeOf(services.health()).toEqualTypeOf<ServicesHealth>();
    expectTypeOf(services.close()).resolves.toEqualTypeOf<void>();
    expectTypeOf(services).toExtend<AsyncDisposable>();
    services.on('circuit:open', event => {
      expectTypeOf(event.retryAfterMs).toEqualTypeOf<number>();
    });
  });

  test('has types of its own', () => {
    expectTypeOf<Services<{ a: ServiceDefinition }>['a']>().toEqualTypeOf<ServiceClient>();
    expectTypeOf<ServicesHealth['services']>().toEqualTypeOf<Readonly<Record<string, HealthReport>>>();
    expectTypeOf<ServiceStatus>().toEqualTypeOf<'up' | 'degraded' | 'down' | 'unknown'>();
  });
});

test('the environment gives options that a client takes', () => {
  expectTypeOf(ServiceClient.fromEnv).returns.toEqualTypeOf<ServiceClient>();
  expectTypeOf(optionsFromEnv('users')).toExtend<ServiceClientOptions>();
});

test('a client closes by await using', () => {
  expectTypeOf<ServiceClient>().toExtend<AsyncDisposable>();
  expectTypeOf<ServiceClient['close']>().parameters.toEqualTypeOf<[options?: { graceMs?: number }]>();
});

test('what stands between requests and calls', () => {
  const req = {} as IncomingMessage;
  const res = {} as ServerResponse;
  expectTypeOf({} as ServiceClient['passthrough']).toBeCallableWith(req, res, {} as PassthroughOptions);
  expectTypeOf<ReturnType<ServiceClient['passthrough']>>().resolves.toEqualTypeOf<PassthroughResult>();
  expectTypeOf(deadlineFrom).toBeCallableWith(req);
  expectTypeOf(deadlineFrom).toBeCallableWith(new Request('http://a'));
  expectTypeOf(deadlineFrom).returns.toEqualTypeOf<number | undefined>();
  expectTypeOf(runInContext({ requestId: 'r' } satisfies ContextValues, () => 7)).toEqualTypeOf<number>();
  expectTypeOf(sendProblem).toBeCallableWith(res, {} as ServiceClientError);
});
