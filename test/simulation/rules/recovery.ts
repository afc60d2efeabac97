import type { Court, Rule } from './rule.ts';

const LEAST_SHARE = 0.95;

/** Once the last fault is over, success is back within the time there is. */
export class Recovery implements Rule {
  readonly #from: number;
  readonly #to: number;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  end(court: Court): void {
    for (const client of court.clients) {
      if (client.plan.close !== undefined) continue;
      const calls = court.calls.filter(
        books => books.client === client && books.startedAt >= this.#from && books.startedAt < this.#to,
      );
      const good = calls.filter(({ outcome }) => outcome === 'success').length;
      if (good >= LEAST_SHARE * calls.length) continue;
      const first = calls.find(({ outcome }) => outcome !== 'success');
      court.violation(`client ${client.index}: ${good} of ${calls.length} succeed in the calm`, first);
    }
  }
}
