import { ConfigurationError } from '../errors/configuration-error.ts';
import { ADDRESS_OPTIONS, hasAddress } from './address-options.ts';
import type { ServiceClientOverrides } from './client-options.ts';
import { copyGroup, copyValue, OPAQUE_OPTIONS } from './copy-options.ts';
import { describeValue } from './describe-value.ts';
import { giveWay } from './order-rules.ts';
import { isPlainObject, type PlainObject, setOwn } from './plain-object.ts';

/** Options that `true` switches on: over settings given below, those settings stay. */
const SWITCHES: ReadonlySet<string> = new Set(['retry', 'budget', 'circuitBreaker', 'bulkhead', 'probe']);
/**
 * Merges sets of options per key, later ones winning: groups merge, lists, functions and instances replace, an address
 * replaces any other, `undefined` counts as absent. Durations of an earlier set give way to those of a later one.
 * Changes none of its arguments.
 */
export function mergeOptions(
  base: ServiceClientOverrides,
  ...over: readonly (ServiceClientOverrides | undefined)[]
): ServiceClientOverrides {
  let merged = copyGroup(asGroup(base));
  for (const options of over) {
    if (options !== undefined) merged = layOver(merged, asGroup(options));
  }
  // Both sides are options; what a caller without types put in instead is for the check to find.
  return merged as ServiceClientOverrides;
}

/** One set of options over another, as raw objects. Numbers of `base` give way where the order rules ask for it. */
export function layOver(base: PlainObject, over: PlainObject): PlainObject {
  const merged = mergeGroup(base, over);
  if (hasAddress(over)) {
    for (const key of ADDRESS_OPTIONS) if (over[key] === undefined) delete merged[key];
  }
  giveWay(merged, over);
  return merged;
}

function mergeGroup(base: PlainObject, over: PlainObject): PlainObject {
  const merged: PlainObject = {};
  for (const [key, value] of Object.entries(base)) {
    if (own(over, key) === undefined) setOwn(merged, key, copyValue(key, value));
  }
  for (const [key, value] of Object.entries(over)) {
    if (value !== undefined) setOwn(merged, key, mergeValue(key, own(base, key), value));
  }
  return merged;
}

function mergeValue(key: string, base: unknown, over: unknown): unknown {
  if (!isPlainObject(base) || OPAQUE_OPTIONS.has(key)) return copyValue(key, over);
  if (over === true && SWITCHES.has(key)) return copyGroup(base);
  if (!isPlainObject(over)) return copyValue(key, over);
  return key === 'headers' ? mergeHeaders(base, over) : mergeGroup(base, over);
}

/** Header names match in any case. */
function mergeHeaders(base: PlainObject, over: PlainObject): PlainObject {
  const replaced = new Set(
    Object.keys(over)
      .filter(name => over[name] !== undefined)
      .map(name => name.toLowerCase()),
  );
  const kept = Object.entries(base).filter(([name]) => !replaced.has(name.toLowerCase()));
  return mergeGroup(Object.fromEntries(kept), over);
}

function own(group: PlainObject, key: string): unknown {
  return Object.hasOwn(group, key) ? group[key] : undefined;
}

function asGroup(options: unknown): PlainObject {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return { ...options };
  const message = `expected an object of options, got ${describeValue(options)}`;
  throw new ConfigurationError({ issues: [{ path: '', message }] });
}
