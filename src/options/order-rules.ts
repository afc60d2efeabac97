import type { Issue } from '../errors/issue.ts';
import { isDelay, isTimeout, isWindow } from './option-rules.ts';
import { type PlainObject, setAt, valueAt } from './plain-object.ts';

/** `large >= factor * small`, where both are numbers. */
interface OrderRule {
  readonly small: string;
  readonly large: string;
  readonly factor: number;
  /** The rule follows from two others by way of this option, and counts only while that one is not set. */
  readonly through?: string;
}

const CONNECT = 'timeout.connectMs';
const ATTEMPT = 'timeout.attemptMs';
const TOTAL = 'timeout.totalMs';
const WINDOW = 'circuitBreaker.windowMs';
const BASE_DELAY = 'retry.backoff.baseDelayMs';
const MAX_DELAY = 'retry.backoff.maxDelayMs';
const OPEN = 'circuitBreaker.openMs';
const MAX_OPEN = 'circuitBreaker.maxOpenMs';

const RULES: readonly OrderRule[] = [
  { small: CONNECT, large: ATTEMPT, factor: 1 },
  { small: ATTEMPT, large: TOTAL, factor: 1 },
  { small: CONNECT, large: TOTAL, factor: 1, through: ATTEMPT },
  { small: ATTEMPT, large: WINDOW, factor: 2 },
  { small: CONNECT, large: WINDOW, factor: 2, through: ATTEMPT },
  { small: BASE_DELAY, large: MAX_DELAY, factor: 1 },
  { small: OPEN, large: MAX_OPEN, factor: 1 },
];

/** Every option that takes part, with the test its value must pass to count: an invalid one must not bend the others. */
const ORDERED: Readonly<Record<string, (value: unknown) => value is number>> = {
  [CONNECT]: isTimeout,
  [ATTEMPT]: isTimeout,
  [TOTAL]: isTimeout,
  [WINDOW]: isWindow,
  [BASE_DELAY]: isDelay,
  [MAX_DELAY]: isDelay,
  [OPEN]: isTimeout,
  [MAX_OPEN]: isTimeout,
};

/** Values set in one place that contradict one another. */
export function orderIssues(options: unknown): Issue[] {
  const issues: Issue[] = [];
  for (const { small, large, factor, through } of RULES) {
    if (through !== undefined && valueAt(options, through) !== undefined) continue;
    const low = numberAt(options, small);
    const high = numberAt(options, large);
    if (low === undefined || high === undefined || high >= factor * low) continue;
    issues.push(
      factor === 1
        ? { path: small, message: `must not exceed ${large} (${high}), got ${low}` }
        : { path: large, message: `must be at least twice ${small} (${low}), got ${high}` },
    );
  }
  return issues;
}

/**
 * Makes the values of `merged` that do not come from `over` give way to those that do, so that the rules hold between them.
 * `over` on its own must satisfy the rules: its contradictions are reported, not repaired.
 */
export function giveWay(merged: PlainObject, over: unknown): void {
  for (const path of Object.keys(ORDERED)) {
    const value = numberAt(merged, path);
    if (value === undefined || valueAt(over, path) !== undefined) continue;
    const settled = Math.max(
      leastAllowed(path, merged, over),
      Math.min(mostAllowed(path, merged, over), value),
    );
    if (settled !== value) setAt(merged, path, settled);
  }
}

function leastAllowed(path: string, merged: PlainObject, over: unknown): number {
  const floors = RULES.filter(rule => rule.large === path && counts(rule, merged, over));
  return Math.max(...floors.map(({ small, factor }) => factor * (numberAt(over, small) ?? 0)), 0);
}

function mostAllowed(path: string, merged: PlainObject, over: unknown): number {
  const caps = RULES.filter(rule => rule.small === path && counts(rule, merged, over));
  return Math.min(...caps.map(({ large, factor }) => (numberAt(over, large) ?? Infinity) / factor));
}

/** With no limit on the option between them, the outer two have nothing to agree on. */
function counts({ through }: OrderRule, merged: PlainObject, over: unknown): boolean {
  if (through === undefined) return true;
  return valueAt(over, through) === undefined && valueAt(merged, through) !== false;
}

function numberAt(options: unknown, path: string): number | undefined {
  const value = valueAt(options, path);
  return ORDERED[path]?.(value) ? value : undefined;
}
