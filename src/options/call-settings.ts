import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { CallRetryOptions, HedgeOptions, LimitsOptions, TimeoutOptions } from './client-options.ts';
import { copyValue } from './copy-options.ts';
import { layOver } from './merge-options.ts';
import { callSchema } from './options-schema.ts';
import { orderIssues } from './order-rules.ts';
import { deepFreeze, type PlainObject } from './plain-object.ts';
import { DEFAULT_RETRY, type FilledRetry, resolveRetry } from './resolve-retry.ts';
import type { CallSettings, ResolvedOptions } from './resolved-options.ts';
import { knownOptions, schemaIssues } from './schema-issues.ts';

const KNOWN = knownOptions(callSchema);
const SETTINGS = ['timeout', 'retry', 'limits', 'redirect', 'hedge'] as const;

type MergedSettings = Omit<CallSettings, 'retry'> & { retry: FilledRetry | false };

/** What a call may set for itself, over the client's. */
export interface CallOverrides {
  /** Limits for this call; the client's give way to them. */
  timeout?: TimeoutOptions | undefined;
  /** Retries for this call; `false` sends it once. On a client without retries they start from the defaults. */
  retry?: CallRetryOptions | boolean | undefined;
  /** Size limits for this call. */
  limits?: LimitsOptions | undefined;
  /** Redirects for this call. */
  redirect?: 'manual' | 'same-origin' | undefined;
  /** Not available yet: anything but `false` is refused. */
  hedge?: HedgeOptions | false | undefined;
}

/**
 * The settings of one call: the client's own object where the call sets nothing.
 * @throws InvalidRequestError listing everything that is wrong with the call's own.
 */
export function resolveCallSettings(client: ResolvedOptions, call: CallOverrides): CallSettings {
  const own: PlainObject = {};
  const base: PlainObject = {};
  for (const key of SETTINGS) {
    if (call[key] === undefined) continue;
    own[key] = copyValue(key, call[key]);
    base[key] = key === 'hedge' ? false : client[key];
  }
  if (Object.keys(own).length === 0) return client;
  const issues = [...schemaIssues(callSchema.safeParse(own).error, KNOWN), ...orderIssues(own)];
  if (issues.length > 0) throw new InvalidRequestError({ service: client.name, issues });
  if (base.retry === false) base.retry = DEFAULT_RETRY;
  // Both sides have been checked; the merge itself cannot know.
  const { timeout, retry, limits, redirect } = layOver(base, own) as unknown as Partial<MergedSettings>;
  return Object.freeze({
    timeout: deepFreeze(timeout ?? client.timeout),
    retry: retry === undefined ? client.retry : retry && resolveRetry(retry),
    limits: deepFreeze(limits ?? client.limits),
    redirect: redirect ?? client.redirect,
  });
}
