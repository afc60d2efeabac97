import type { AttemptRecord } from '../retry/attempt-record.ts';

/**
 * Whether a call gave up because its attempts or its budget were spent.
 * Whoever called us must hear of it: retries on every tier multiply.
 */
export function spentHere(attempts: readonly AttemptRecord[]): boolean {
  const last = attempts.at(-1)?.retry;
  return (
    last !== undefined &&
    'refused' in last &&
    (last.refused === 'attempts-spent' || last.refused === 'budget-spent')
  );
}
