import type { Court, Rule, SeenEvent } from './rule.ts';

const ROUNDING_MS = 1e-6;
/** What auth and interceptors take at most before a request has its socket. */
const HOOK_MS = 10;

/** An abort, a deadline and the end of a close's grace end a call at once; an attempt has its own time. */
export class Promptness implements Rule {
  event({ name, fields, books }: SeenEvent, court: Court): void {
    if (name !== 'attempt:end' || books === undefined || books.uploads) return;
    const { timeout } = books.client.options;
    const { attemptMs } = books.client.settingsOf(books.plan);
    const { auth, interceptor } = books.client.plan;
    const hooksMs = (auth ? HOOK_MS : 0) + (interceptor === 'waits' ? 2 * HOOK_MS : 0);
    const most = attemptMs + hooksMs + court.lateness + ROUNDING_MS;
    if (timeout.attemptMs !== false && fields.durationMs > most) {
      court.violation(`an attempt of ${fields.durationMs} ms, ${attemptMs} allowed`, books);
    }
  }

  settled(court: Court): void {
    const { now, lateness } = court;
    for (const books of court.open) {
      const { outcome, abortedAt, dueAt, client } = books;
      const waiting = outcome === undefined;
      if (abortedAt !== undefined) court.violation('still open after its abort', books);
      if (waiting && now > dueAt + lateness + ROUNDING_MS)
        court.violation(`due at ${dueAt}, open at ${now}`, books);
      if (client.closedAt !== undefined) court.violation('still open after its client has closed', books);
    }
    for (const { closing, closedAt, index } of court.clients) {
      if (closing === undefined || closedAt !== undefined) continue;
      if (now > closing.at + closing.graceMs + lateness + ROUNDING_MS) {
        court.violation(`client ${index} has not closed by the end of its grace`);
      }
    }
  }
}
