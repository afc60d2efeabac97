import { InvalidRequestError } from '../errors/invalid-request-error.ts';
import type { CallRetryOptions, HedgeOptions, LimitsOptions, TimeoutOptions } from './client-options.ts';
import { copyGroup } from './copy-options.ts';
import { layOver } from './merge-options.ts';
import { callSchema } from './options-schema.ts';
import { orderIssues } from './order-rules.ts';
import { deepFreeze } from './plain-object.ts';
import { DEFAULT_RETRY, type FilledRetry, resolveRetry } from './resolve-retry.ts';
import type { CallSettings, ResolvedOptions } from './resolved-options.ts';
import { knownOptions, schemaIssues } from './schema-issues.ts';

const KNOWN = knownOptions(callSchema);

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
  const { timeout, retry, limits, redirect, hedge } = call;
  const given = [timeout, retry, limits, redirect, hedge];
  if (given.every(value => value === undefined)) return client;
  const own = copyGroup({ timeout, retry, limits, redirect, hedge });
  const issues = [...schemaIssues(callSchema.safeParse(own).error, KNOWN), ...orderIssues(own)];
  if (issues.length > 0) throw new InvalidRequestError({ service: client.name, issues });
  const base = {
    timeout: client.timeout,
    retry: client.retry === false && retry !== undefined ? DEFAULT_RETRY : client.retry,
    limits: client.limits,
    redirect: client.redirect,
  };
  // Both sides have been checked; the merge itself cannot know.
  const merged = layOver(base, own) as unknown as Omit<CallSettings, 'retry'> & {
    retry: FilledRetry | false;
  };
  return deepFreeze({
    timeout: merged.timeout,
    retry: merged.retry === false ? false : resolveRetry(merged.retry),
    limits: merged.limits,
    redirect: merged.redirect,
  });
}
