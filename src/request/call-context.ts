import type { Issue } from '../errors/issue.ts';
import { withGot } from '../options/describe-value.ts';
import { isPlainObject } from '../options/plain-object.ts';

type Context = Readonly<Record<string, unknown>>;

/** A call's own context over the ambient one, and the deadline that comes of both and of the call's own. */
export interface CallContext {
  readonly context: Context;
  /** Epoch milliseconds. */
  readonly deadline: number | undefined;
}

/** Merges a call's context; the earliest deadline wins, so that nothing inside can outlast what is around it. */
export function callContext(
  ambient: Context,
  ownContext: unknown,
  ownDeadline: unknown,
  issues: Issue[],
): CallContext {
  const given = readDeadline(ownDeadline, 'deadline', issues);
  if (ownContext === undefined) {
    return { context: ambient, deadline: earliest(given, ambient.deadline as number | undefined) };
  }
  if (!isPlainObject(ownContext)) {
    issues.push({ path: 'context', message: withGot('expected a plain object', ownContext) });
    return { context: ambient, deadline: given };
  }
  const around = earliest(
    ambient.deadline as number | undefined,
    readDeadline(ownContext.deadline, 'context.deadline', issues),
  );
  // `fromEntries` defines its keys, so that not even one named __proto__ reaches the prototype.
  const context = Object.fromEntries([
    ...Object.entries(ambient),
    ...Object.entries(ownContext).filter(([, value]) => value !== undefined),
  ]);
  if (around === undefined) delete context.deadline;
  else context.deadline = around;
  return { context: Object.freeze(context), deadline: earliest(given, around) };
}

function readDeadline(value: unknown, path: string, issues: Issue[]): number | undefined {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return undefined;
  const epochMs = value instanceof Date ? value.getTime() : value;
  if (typeof epochMs === 'number' && Number.isFinite(epochMs)) return epochMs;
  issues.push({ path, message: withGot('expected epoch milliseconds or a valid Date', value) });
  return undefined;
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
