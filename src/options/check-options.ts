import type { Issue } from '../errors/issue.ts';
import { ADDRESS_OPTIONS } from './address-options.ts';
import { copyGroup } from './copy-options.ts';
import { describeValue } from './describe-value.ts';
import { endpointListIssues } from './endpoint-list.ts';
import { type CheckedOptions, clientSchema } from './options-schema.ts';
import { orderIssues } from './order-rules.ts';
import type { PlainObject } from './plain-object.ts';
import { knownOptions, schemaIssues } from './schema-issues.ts';

const KNOWN = knownOptions(clientSchema);

export type CheckResult =
  | { readonly ok: true; readonly options: CheckedOptions & { readonly name: string } }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Finds everything that is wrong with a client's options at once: names, values, and how they go together. */
export function checkOptions(given: unknown): CheckResult {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refused([{ path: '', message: `expected an object of options, got ${describeValue(given)}` }]);
  }
  const options = copyGroup({ ...given });
  const parsed = clientSchema.safeParse(options);
  const issues = [
    ...nameIssues(options),
    ...addressIssues(options),
    ...schemaIssues(parsed.error, KNOWN),
    ...(Array.isArray(options.endpoints) ? endpointListIssues(options.endpoints) : []),
    ...orderIssues(options),
  ];
  const name = parsed.data?.name;
  if (issues.length > 0 || parsed.data === undefined || name === undefined) return refused(issues);
  return { ok: true, options: { ...parsed.data, name } };
}

function refused(issues: readonly Issue[]): CheckResult {
  return { ok: false, issues };
}

function nameIssues(options: PlainObject): Issue[] {
  return options.name === undefined ? [{ path: 'name', message: 'required: the name of the service' }] : [];
}

function addressIssues(options: PlainObject): Issue[] {
  const [first, second] = ADDRESS_OPTIONS.filter(key => options[key] !== undefined);
  const wanted = 'exactly one of baseUrl, endpoints and discovery';
  if (first === undefined) return [{ path: 'baseUrl', message: `required: ${wanted}` }];
  return second === undefined ? [] : [{ path: second, message: `expected ${wanted}, got ${first} too` }];
}
