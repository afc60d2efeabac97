import type { CallBooks } from '../call-books.ts';
import type { TestedClient } from '../tested-client.ts';
import type { Court, Rule, SeenEvent } from './rule.ts';

/** In-flight counts tell what is on the wire and return to 0; a bulkhead lets in no more than it may. */
export class Load implements Rule {
  event({ name, fields, client, books }: SeenEvent, court: Court): void {
    if (name === 'bulkhead:rejected' && books !== undefined) books.overloaded = true;
    const { bulkhead } = client.options;
    if (bulkhead === false) return;
    if (name === 'bulkhead:rejected' || name === 'bulkhead:queued') {
      if (fields.inFlight !== bulkhead.maxConcurrent)
        court.violation(`${name} at ${fields.inFlight} in flight`);
      if (fields.queued > bulkhead.maxQueued) court.violation(`${fields.queued} queued`);
    } else if (name === 'attempt:start') {
      const inside = [...court.open].filter(
        call => call.client === client && holdsSlot(call, court.now),
      ).length;
      if (inside > bulkhead.maxConcurrent)
        court.violation(`${inside} calls in ${bulkhead.maxConcurrent} slots`);
    }
  }

  settled(court: Court): void {
    for (const client of court.clients) this.#matchesWire(client, court);
  }

  end(court: Court): void {
    for (const { client, index } of court.clients) {
      for (const { url, inFlight } of client.health().endpoints) {
        if (inFlight !== 0) court.violation(`client ${index}: ${inFlight} in flight at ${url} for ever`);
      }
    }
  }

  #matchesWire(client: TestedClient, court: Court): void {
    const least = new Map<string, number>();
    const most = new Map<string, number>();
    const add = (counts: Map<string, number>, url: string) => counts.set(url, (counts.get(url) ?? 0) + 1);
    for (const { client: owner, attempts, plan, bodyOpen, lastAttempt } of court.open) {
      if (owner !== client) continue;
      for (const attempt of attempts) {
        const { endpoint, endedAt, onWire, answer, orphaned } = attempt;
        if (orphaned) continue;
        // What has arrived may still wait for its reader.
        const unread = bodyOpen && attempt === lastAttempt;
        // Of a failing reply handed on as it is the verdict is known at its head.
        const settled = plan.via === 'fetch' && (answer?.status ?? 0) >= 400 && endedAt !== undefined;
        if (endedAt === undefined || onWire > 0 || unread) add(most, endpoint);
        if (endedAt === undefined || (onWire > 0 && !settled)) add(least, endpoint);
      }
    }
    for (const [url, inFlight] of client.inFlight) {
      const bounds = [least.get(url) ?? 0, most.get(url) ?? 0] as const;
      if (inFlight < bounds[0] || inFlight > bounds[1]) {
        court.violation(
          `client ${client.index}: ${inFlight} in flight at ${url}, ${bounds.join(' to ')} on the wire`,
        );
      }
    }
  }
}

/** As far as can be told from outside: an attempt is under way, announced, or its body is being read. */
function holdsSlot(call: CallBooks, now: number): boolean {
  const { attempts, retries, refused, bodyOpen, ends, abortedAt, dueAt, client } = call;
  const last = attempts.at(-1);
  if (last === undefined) return false;
  const waits = retries.length === attempts.length && !refused && ends === 0 && abortedAt === undefined;
  return last.endedAt === undefined || bodyOpen || (waits && now < dueAt && client.closing === undefined);
}
