import { ConfigurationError } from '../errors/configuration-error.ts';
import type { Issue } from '../errors/issue.ts';
import { hasAddress } from './address-options.ts';
import { checkOptions } from './check-options.ts';
import { isClientName } from './client-name.ts';
import type { ServiceClientOptions, ServiceClientOverrides } from './client-options.ts';
import { ENVIRONMENT_DEFAULTS } from './defaults.ts';
import { describeLabel } from './describe-value.ts';
import { type Environment, readEnvironment } from './environment-variables.ts';
import { layOver, mergeOptions } from './merge-options.ts';
import { MAX_TIMER_MS } from './option-rules.ts';
import { isPlainObject, valueAt } from './plain-object.ts';
import { resolveOptions } from './resolve-options.ts';
import type { Limit, ResolvedOptions } from './resolved-options.ts';

export type { Environment } from './environment-variables.ts';

/**
 * Reads a service's options from environment variables: `YOUTUBE_SERVICE_URL`, `YOUTUBE_SERVICE_TIMEOUT`,
 * `YOUTUBE_RETRY_ATTEMPTS` and the others for the name `youtube` (`-` and `.` become `_`). A bare number is seconds;
 * `1500ms`, `30s` and `2m` are accepted. A list of URLs with commas gives several endpoints.
 * @throws ConfigurationError naming every variable that is missing or wrong.
 * @example
 * const youtube = new ServiceClient(optionsFromEnv('youtube'));
 */
export function optionsFromEnv(name: string, env: Environment = process.env): ServiceClientOptions {
  return clientOptionsFromEnv(name, undefined, env);
}

/** The environment's options with others merged over them: what the environment leaves to its defaults gives way. */
export function clientOptionsFromEnv(
  name: string,
  overrides: ServiceClientOverrides = {},
  env: Environment = process.env,
): ServiceClientOptions {
  if (!isClientName(name)) {
    const message = `expected a letter, then up to 63 letters, digits, "_", "." or "-", got ${describeLabel(name)}`;
    throw new ConfigurationError({ issues: [{ path: 'name', message }] });
  }
  const { options, issues: misread, sources } = readEnvironment(name, env);
  const over = mergeOptions({}, overrides);
  // An interval alone does not switch probing on.
  if (valueAt(options, 'probe.path') === undefined && over.probe !== true && !isPlainObject(over.probe)) {
    delete options.probe;
  }
  const merged = mergeOptions({ name, ...layOver(ENVIRONMENT_DEFAULTS, options) }, over);
  const checked = checkOptions(merged);
  const issues = [
    ...misread,
    ...(checked.ok ? [] : checked.issues.map(issue => traced(issue, sources, over))),
  ];
  if (issues.length > 0) throw new ConfigurationError({ service: name, issues });
  const totalMs = merged.timeout?.totalMs ?? wholeCallMs(resolveOptions(merged));
  // The check has found exactly one address and a name.
  return { ...merged, timeout: { ...merged.timeout, totalMs } } as ServiceClientOptions;
}

/** Names the variable behind a wrong value, unless it was given in code. */
function traced(issue: Issue, sources: ReadonlyMap<string, string>, over: object): Issue {
  const path = issue.path.replace(/\[.*$/, '');
  const variable = sources.get(path);
  const isAddress = path === 'baseUrl' || path === 'endpoints';
  const givenInCode = isAddress ? hasAddress({ ...over }) : valueAt(over, path) !== undefined;
  if (variable === undefined || givenInCode) return issue;
  return { path: `${variable} → ${issue.path}`, message: issue.message };
}

/** All attempts and the longest waits between them, added up. */
function wholeCallMs({ timeout: { attemptMs }, retry }: ResolvedOptions): Limit {
  if (attemptMs === false) return false;
  if (retry === false) return attemptMs;
  const { baseDelayMs, maxDelayMs, factor } = retry.backoff;
  let sum = attemptMs;
  for (let n = 1; n < retry.maxAttempts; n++) {
    sum += attemptMs + Math.min(maxDelayMs, baseDelayMs * factor ** (n - 1));
  }
  return Math.min(sum, MAX_TIMER_MS);
}
