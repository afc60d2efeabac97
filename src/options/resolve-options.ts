import { ConfigurationError } from '../errors/configuration-error.ts';
import { checkOptions } from './check-options.ts';
import { isClientName } from './client-name.ts';
import type { ServiceClientOverrides } from './client-options.ts';
import { OPAQUE_OPTIONS } from './copy-options.ts';
import { DEFAULTS, PROBE_DEFAULTS } from './defaults.ts';
import { resolveEndpoint } from './endpoint-list.ts';
import { layOver } from './merge-options.ts';
import type { CheckedOptions } from './options-schema.ts';
import { deepFreeze } from './plain-object.ts';
import { normalizeProbePath } from './probe-path.ts';
import { type FilledRetry, resolveRetry } from './resolve-retry.ts';
import type { ResolvedEndpoint, ResolvedOptions, ResolvedProbe } from './resolved-options.ts';

type Headers = NonNullable<CheckedOptions['headers']>;
type Filled = Pick<
  CheckedOptions,
  'tls' | 'auth' | 'version' | 'via' | 'logger' | 'transport' | 'discovery'
> &
  Omit<ResolvedOptions, 'endpoints' | 'headers' | 'probe' | 'retry'> & {
    readonly headers: Headers;
    readonly retry: FilledRetry | false;
  };

/**
 * A client's options with every default filled in: checked, copied and frozen.
 * @throws ConfigurationError listing everything that is wrong with them.
 */
export function resolveOptions(given: ServiceClientOverrides): ResolvedOptions {
  const checked = checkOptions(given);
  if (!checked.ok) throw new ConfigurationError({ service: serviceName(given), issues: checked.issues });
  const { options } = checked;
  // Defaults and checked options make up every field; the merge itself cannot know.
  const filled = layOver(DEFAULTS, options) as unknown as Filled;
  const resolved: ResolvedOptions = {
    name: filled.name,
    endpoints: fixedEndpoints(options),
    discovery: filled.discovery,
    headers: lowerCaseHeaders(filled.headers),
    timeout: filled.timeout,
    retry: filled.retry === false ? false : resolveRetry(filled.retry),
    circuitBreaker: filled.circuitBreaker,
    bulkhead: filled.bulkhead,
    loadBalancing: filled.loadBalancing,
    probe: resolveProbe(options.probe),
    limits: filled.limits,
    redirect: filled.redirect,
    pool: filled.pool,
    tls: filled.tls,
    auth: filled.auth,
    version: filled.version,
    via: filled.via,
    propagate: filled.propagate,
    interceptors: filled.interceptors,
    logger: filled.logger,
    transport: filled.transport,
    clock: filled.clock,
    random: filled.random,
  };
  return deepFreeze(resolved, OPAQUE_OPTIONS);
}

function fixedEndpoints({ baseUrl, endpoints }: CheckedOptions): readonly ResolvedEndpoint[] | undefined {
  return (baseUrl === undefined ? endpoints : [baseUrl])?.map(resolveEndpoint);
}

function resolveProbe(probe: CheckedOptions['probe']): ResolvedProbe | false {
  if (probe === undefined || probe === false) return false;
  const filled = layOver(PROBE_DEFAULTS, probe === true ? {} : probe) as unknown as ResolvedProbe;
  return { ...filled, path: normalizeProbePath(filled.path) };
}

function lowerCaseHeaders(headers: Headers): ResolvedOptions['headers'] {
  const lowerCase: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lowerCase[name.toLowerCase()] = value;
  }
  return lowerCase;
}

/** For the error's label: only a name that is one. */
function serviceName(given: unknown): string | undefined {
  const name: unknown = (given as { name?: unknown } | null | undefined)?.name;
  return isClientName(name) ? name : undefined;
}
