import { z } from 'zod';
import type { EndpointDiscovery } from '../discovery/endpoint-discovery.ts';
import type { EndpointPicker } from '../endpoints/endpoint-picker.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { Transport, TransportFactory } from '../transport/transport.ts';
import { isClientName } from './client-name.ts';
import type {
  AttemptInterceptor,
  Auth,
  CallInterceptor,
  RetryContext,
  TlsOptions,
} from './client-options.ts';
import { describeLabel, describeValue } from './describe-value.ts';
import { endpointList, endpointUrl, serverName } from './endpoint-list.ts';
import { headerIssues } from './header-rules.ts';
import {
  callable,
  choice,
  delay,
  flag,
  group,
  hasMethods,
  isToken,
  listOf,
  numberFrom,
  objectWith,
  positiveRatio,
  ratio,
  rule,
  switchable,
  timeLimit,
  timeout,
  wholeNumber,
  windowSpan,
} from './option-rules.ts';
import { isPlainObject } from './plain-object.ts';
import { isProbePath } from './probe-path.ts';
import { isVersion, type VersionOptions } from './version-options.ts';

const STRATEGIES = ['peak-ewma', 'round-robin', 'random', 'least-request'] as const;

const name = rule<string>(
  isClientName,
  'a letter, then up to 63 letters, digits, "_", "." or "-"',
  describeLabel,
);

const headers = z
  .custom<Readonly<Record<string, string | readonly string[] | undefined>>>(isPlainObject, {
    error: issue => `expected an object of names and values, got ${describeValue(issue.input)}`,
    abort: true,
  })
  .superRefine((value, context) => {
    for (const { name, message } of headerIssues(value)) {
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

const retry = {
  maxAttempts: wholeNumber(1, 10),
  backoff: group({
    baseDelayMs: delay,
    maxDelayMs: delay,
    factor: numberFrom(1),
    jitter: choice('full', 'equal', 'none'),
  }),
  methods: listOf(rule<string>(isToken, 'an HTTP method', describeLabel), 'a list of HTTP methods'),
  statusCodes: listOf(wholeNumber(400, 599), 'a list of statuses'),
  maxRetryAfterMs: delay,
  shouldRetry: callable<(context: RetryContext) => boolean | undefined>(),
};
const budget = group({ ratio, minRetriesPerSecond: numberFrom(0), windowMs: windowSpan });

const isPem = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
const pem = rule<TlsOptions['ca']>(
  value => isPem(value) || (Array.isArray(value) && value.every(isPem)),
  'PEM text, bytes or a list of them',
);

/** What a call may set for itself. */
const perCall = {
  timeout: group({ totalMs: timeLimit, attemptMs: timeLimit, connectMs: timeLimit, idleMs: timeLimit }),
  limits: group({
    maxResponseBytes: rule<number | false>(
      value => value === false || (Number.isSafeInteger(value) && Number(value) >= 0),
      'a whole number of bytes, or false',
    ),
    maxErrorBodyBytes: wholeNumber(0),
  }),
  redirect: choice('manual', 'same-origin'),
  hedge: z.custom<false>(value => value === false, { error: 'not available yet' }),
};

/** Built once: a schema costs a hundred microseconds. */
export const clientSchema = group({
  name,
  baseUrl: endpointUrl,
  endpoints: endpointList,
  discovery: objectWith<EndpointDiscovery>('watch'),
  headers,
  ...perCall,
  retry: switchable(group({ ...retry, budget: switchable(budget) })),
  circuitBreaker: switchable(
    group({
      failureRatio: positiveRatio,
      minThroughput: wholeNumber(1),
      windowMs: windowSpan,
      openMs: timeout,
      maxOpenMs: timeout,
    }),
  ),
  bulkhead: switchable(group({ maxConcurrent: wholeNumber(1), maxQueued: wholeNumber(0) })),
  loadBalancing: group({
    strategy: rule<(typeof STRATEGIES)[number] | EndpointPicker>(
      value => STRATEGIES.some(name => name === value) || hasMethods(value, ['pick']),
      `${STRATEGIES.map(name => `"${name}"`).join(', ')} or an object with pick()`,
      describeLabel,
    ),
  }),
  probe: switchable(
    group({
      path: rule<string>(isProbePath, 'a path within the endpoint, such as "/health"'),
      intervalMs: timeout,
      timeoutMs: timeout,
      healthyThreshold: wholeNumber(1),
      unhealthyThreshold: wholeNumber(1),
      failFast: flag,
    }),
  ),
  pool: group({ maxSockets: wholeNumber(1), idleTimeoutMs: timeout }),
  tls: z.union(
    [
      callable<() => TlsOptions>(),
      group({
        ca: pem,
        cert: pem,
        key: pem,
        passphrase: rule<string>(value => typeof value === 'string', 'a string'),
        serverName,
        minVersion: choice('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'),
      }),
    ],
    { error: issue => `expected an object or a function, got ${describeValue(issue.input)}` },
  ),
  auth: callable<Auth>(),
  version: rule<VersionOptions>(isVersion, '{ header, value } or { pathPrefix: "/v2" }', describeLabel),
  via: rule<string | false>(value => value === false || isToken(value), 'an HTTP token or false'),
  propagate: group({ deadline: flag, context: flag }),
  interceptors: group({
    call: listOf(callable<CallInterceptor>(), 'a list of functions'),
    attempt: listOf(callable<AttemptInterceptor>(), 'a list of functions'),
  }),
  logger: objectWith<Logger>('debug', 'info', 'warn'),
  transport: rule<Transport | TransportFactory>(
    value => hasMethods(value, ['send', 'close']) || hasMethods(value, ['open']),
    'an object with send(), close(), or one with open()',
  ),
  clock: objectWith<Clock>('now', 'monotonic', 'setTimeout'),
  random: callable<() => number>(),
});

export const callSchema = group({
  ...perCall,
  retry: switchable(
    group({
      ...retry,
      budget: z.custom<never>(() => false, { error: 'belongs to the client, not to a call' }),
    }),
  ),
});

export type CheckedOptions = z.output<typeof clientSchema>;
export type CheckedCall = z.output<typeof callSchema>;
