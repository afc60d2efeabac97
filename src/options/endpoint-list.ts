import { z } from 'zod';
import type { EndpointInit } from '../discovery/endpoint-discovery.ts';
import { ENDPOINT_DEFAULTS } from './defaults.ts';
import { describeValue } from './describe-value.ts';
import { endpointUrlIssue, normalizeEndpointUrl } from './endpoint-url.ts';
import { isHeaderValue } from './header-rules.ts';
import { isFiniteNumber, listOf, rule } from './option-rules.ts';
import type { ResolvedEndpoint } from './resolved-options.ts';

const HOST_NAME = /^[A-Za-z0-9_](?:[\w.-]*[\w.])?$/;
const HOST_HEADER = /^[^\s/@?#\\]+$/;

export const endpointUrl = z.custom<string>(url => endpointUrlIssue(url) === undefined, {
  error: issue => endpointUrlIssue(issue.input) ?? '',
});

export const serverName = rule<string>(
  value => typeof value === 'string' && HOST_NAME.test(value),
  'a host name',
);

const hostHeader = rule<string>(
  value => isHeaderValue('host', value) && HOST_HEADER.test(value),
  'a host name, with or without a port',
);

const endpoint = z.strictObject(
  {
    url: endpointUrl,
    weight: rule<number>(value => isFiniteNumber(value) && value > 0, 'a number above 0').optional(),
    serverName: serverName.optional(),
    hostHeader: hostHeader.optional(),
  },
  { error: issue => `expected a URL or an object with a url, got ${describeValue(issue.input)}` },
);

/** A bare URL is read as `{ url }`, so that its issues have the same path. */
export const endpointList = listOf(
  z.preprocess(item => (typeof item === 'string' ? { url: item } : item), endpoint),
  'a list of URLs or objects with a url',
);

/** Issues of the list as a whole: none at all, or the same URL twice, however it is written. */
export function endpointListIssues(list: readonly unknown[]): { path: string; message: string }[] {
  if (list.length === 0) return [{ path: 'endpoints', message: 'must name at least one endpoint' }];
  const issues: { path: string; message: string }[] = [];
  const first = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const url = typeof item === 'string' ? item : (item as { url?: unknown } | null)?.url;
    if (typeof url !== 'string' || endpointUrlIssue(url) !== undefined) continue;
    const normalized = normalizeEndpointUrl(url);
    const twin = first.get(normalized);
    if (twin === undefined) first.set(normalized, index);
    else issues.push({ path: `endpoints[${index}].url`, message: `duplicate of endpoints[${twin}].url` });
  }
  return issues;
}

/** An endpoint with its defaults; its URL has been checked. */
export function resolveEndpoint(init: EndpointInit): ResolvedEndpoint {
  const endpoint: Exclude<EndpointInit, string> = typeof init === 'string' ? { url: init } : init;
  return Object.freeze({
    url: normalizeEndpointUrl(endpoint.url),
    weight: endpoint.weight ?? ENDPOINT_DEFAULTS.weight,
    serverName: endpoint.serverName,
    hostHeader: endpoint.hostHeader,
  });
}
