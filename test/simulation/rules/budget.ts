import type { TestedClient } from '../tested-client.ts';
import type { Court, Rule, SeenEvent } from './rule.ts';

/** Retries in any window stay within the budget. */
export class Budget implements Rule {
  readonly #retries = new Map<TestedClient, number[]>();

  event({ name, fields, client }: SeenEvent, court: Court): void {
    if (name !== 'retry:scheduled' || fields.source === 'immediate') return;
    const { retry } = client.options;
    if (retry === false || retry.budget === false) return;
    const { ratio, minRetriesPerSecond, windowMs } = retry.budget;
    const since = court.now - windowMs;
    const retries = (this.#retries.get(client) ?? []).filter(at => at > since);
    retries.push(court.now);
    this.#retries.set(client, retries);
    const calls = countCalls(client, since, court);
    const most = ratio * calls + (minRetriesPerSecond * windowMs) / 1_000;
    if (retries.length > most + 1e-6) {
      court.violation(`${retries.length} retries for ${calls} calls in ${windowMs} ms, ${most} allowed`);
    }
  }
}

/** Calls that may have paid in since then: when exactly one did is only known to lie between its start and its first attempt. */
function countCalls(client: TestedClient, since: number, { calls, now }: Court): number {
  return calls.filter(books => {
    if (books.client !== client || books.starts === 0 || books.overloaded) return false;
    const paidBy = books.attempts[0]?.startedAt ?? books.settledAt ?? now;
    return paidBy >= since;
  }).length;
}
