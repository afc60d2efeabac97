import { withGot } from '../options/describe-value.ts';

type Context = Readonly<Record<string, unknown>>;

/** The wording wherever a deadline is refused. */
const EXPECTED = 'expected epoch milliseconds or a valid Date';

/**
 * Merges `inner` over `outer`, frozen. An explicit `undefined` counts as absent, and the earlier deadline wins, in epoch
 * milliseconds: nothing inside can outlast what is around it. `refuse` is told when `inner.deadline` is none.
 */
export function mergeContext(outer: Context, inner: Context, refuse: (message: string) => void): Context {
  const given = Object.entries(inner).filter(([, value]) => value !== undefined);
  // `fromEntries` defines its keys, so that not even one named __proto__ reaches the prototype.
  const merged = Object.fromEntries([...Object.entries(outer), ...given]);
  const deadline = earliest(outer.deadline as number | undefined, toEpochMs(inner.deadline, refuse));
  if (deadline === undefined) delete merged.deadline;
  else merged.deadline = deadline;
  return Object.freeze(merged);
}

function toEpochMs(deadline: unknown, refuse: (message: string) => void): number | undefined {
  if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) return undefined;
  const epochMs = deadline instanceof Date ? deadline.getTime() : deadline;
  if (typeof epochMs === 'number' && Number.isFinite(epochMs)) return epochMs;
  refuse(withGot(EXPECTED, deadline));
  return undefined;
}

function earliest(outer: number | undefined, inner: number | undefined): number | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return Math.min(outer, inner);
}
