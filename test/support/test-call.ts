import type { ServiceClientOverrides } from '../../src/index.ts';
import { resolveOptions } from '../../src/options/resolve-options.ts';
import { Call } from '../../src/pipeline/call.ts';
import { normalizeRequest } from '../../src/request/normalize-request.ts';
import type { RequestMode, ServiceRequest } from '../../src/request/service-request.ts';
import type { Cancellation } from '../../src/time/cancellation.ts';
import type { Clock } from '../../src/time/clock.ts';

/** A call to `users`, as the client would begin it. */
export function startCall(
  clock: Clock,
  options: ServiceClientOverrides & { call?: object; mode?: RequestMode; cancellation?: Cancellation } = {},
): Call {
  const { call, mode, cancellation, ...own } = options;
  return new Call('id-1', 'users', clock, requestOf(own, call, mode), cancellation);
}

/** A checked GET of `/`. */
export function requestOf(
  options: ServiceClientOverrides = {},
  call?: object,
  mode: RequestMode = 'buffered',
): ServiceRequest {
  const address = { name: 'users', baseUrl: 'http://users.test' } as const;
  const resolved = resolveOptions({ ...address, ...options } as ServiceClientOverrides);
  return normalizeRequest({ options: resolved, method: 'GET', path: '/', call, mode, ambient: {} });
}
