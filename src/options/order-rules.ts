import type { Issue } from '../errors/issue.ts';
import { isDelay, isTimeout, isWindow } from './option-rules.ts';
import { type PlainObject, setAt, valueUnder } from './plain-object.ts';

/** A duration that must agree with others. */
interface Setting {
  readonly path: string;
  /** The path, split once: calls with durations of their own look it up each time. */
  readonly keys: readonly string[];
  /** Only a valid value counts: an invalid one must not bend the others. */
  readonly isValid: (value: unknown) => value is number;
}

/** `large >= factor * small`, where both are numbers. */
interface OrderRule {
  readonly small: Setting;
  readonly large: Setting;
  readonly factor: number;
  /** The rule follows from two others by way of this setting, and counts only while that one is not set. */
  readonly through?: Setting;
}

const connect = setting('timeout.connectMs', isTimeout);
const attempt = setting('timeout.attemptMs', isTimeout);
const total = setting('timeout.totalMs', isTimeout);
const circuitWindow = setting('circuitBreaker.windowMs', isWindow);
const baseDelay = setting('retry.backoff.baseDelayMs', isDelay);
const maxDelay = setting('retry.backoff.maxDelayMs', isDelay);
const open = setting('circuitBreaker.openMs', isTimeout);
const maxOpen = setting('circuitBreaker.maxOpenMs', isTimeout);

const SETTINGS = [connect, attempt, total, circuitWindow, baseDelay, maxDelay, open, maxOpen];
const RULES: readonly OrderRule[] = [
  { small: connect, large: attempt, factor: 1 },
  { small: attempt, large: total, factor: 1 },
  { small: connect, large: total, factor: 1, through: attempt },
  { small: attempt, large: circuitWindow, factor: 2 },
  { small: connect, large: circuitWindow, factor: 2, through: attempt },
  { small: baseDelay, large: maxDelay, factor: 1 },
  { small: open, large: maxOpen, factor: 1 },
];

function setting(path: string, isValid: Setting['isValid']): Setting {
  return { path, keys: path.split('.'), isValid };
}

/** Values set in one place that contradict one another. */
export function orderIssues(options: unknown): Issue[] {
  const issues: Issue[] = [];
  for (const { small, large, factor, through } of RULES) {
    if (through !== undefined && valueUnder(options, through.keys) !== undefined) continue;
    const low = durationIn(small, options);
    const high = durationIn(large, options);
    if (low === undefined || high === undefined || high >= factor * low) continue;
    issues.push(
      factor === 1
        ? { path: small.path, message: `must not exceed ${large.path} (${high}), got ${low}` }
        : { path: large.path, message: `must be at least twice ${small.path} (${low}), got ${high}` },
    );
  }
  return issues;
}

/**
 * Makes the values of `merged` that do not come from `over` give way to those that do, so that the rules hold between them.
 * `over` on its own must satisfy the rules: its contradictions are reported, not repaired.
 */
export function giveWay(merged: PlainObject, over: unknown): void {
  for (const yielding of SETTINGS) {
    const value = durationIn(yielding, merged);
    if (value === undefined || valueUnder(over, yielding.keys) !== undefined) continue;
    const settled = withinBounds(yielding, value, merged, over);
    if (settled !== value) setAt(merged, yielding.path, settled);
  }
}

function withinBounds(yielding: Setting, value: number, merged: PlainObject, over: unknown): number {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (const rule of RULES) {
    if ((rule.small !== yielding && rule.large !== yielding) || !counts(rule, merged)) continue;
    if (rule.large === yielding) least = Math.max(least, rule.factor * (durationIn(rule.small, over) ?? 0));
    else most = Math.min(most, (durationIn(rule.large, over) ?? Number.POSITIVE_INFINITY) / rule.factor);
  }
  return Math.max(least, Math.min(most, value));
}

/** With no limit on the setting between them, the outer two have nothing to agree on. */
function counts({ through }: OrderRule, merged: PlainObject): boolean {
  return through === undefined || valueUnder(merged, through.keys) !== false;
}

function durationIn({ keys, isValid }: Setting, options: unknown): number | undefined {
  const value = valueUnder(options, keys);
  return isValid(value) ? value : undefined;
}
