import type { EndpointInit } from '../discovery/endpoint-discovery.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { copyValue } from './copy-options.ts';
import { endpointList, endpointListIssues, resolveEndpoint } from './endpoint-list.ts';
import { group } from './option-rules.ts';
import type { ResolvedEndpoint } from './resolved-options.ts';
import { knownOptions, schemaIssues } from './schema-issues.ts';

const schema = group({ endpoints: endpointList });
const KNOWN = knownOptions(schema);

/**
 * A list of endpoints that came from elsewhere than the options, under the same rules.
 * @throws ConfigurationError listing everything that is wrong with it.
 */
export function resolveEndpoints(
  service: string,
  list: readonly EndpointInit[],
): readonly ResolvedEndpoint[] {
  const copy = copyValue('endpoints', list) ?? null;
  const { data, error } = schema.safeParse({ endpoints: copy });
  const issues = [...schemaIssues(error, KNOWN), ...(Array.isArray(copy) ? endpointListIssues(copy) : [])];
  if (issues.length > 0 || data?.endpoints === undefined) throw new ConfigurationError({ service, issues });
  return Object.freeze(data.endpoints.map(resolveEndpoint));
}
