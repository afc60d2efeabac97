import type { CallBooks } from '../call-books.ts';
import type { Court, Rule, SeenEvent } from './rule.ts';

/** Float time: a timer of 100 + 200 ms is not quite due at 300. */
const ROUNDING_MS = 1e-6;

/** When an attempt must not start: after success, abort, deadline, close or commit, past the maximum, unannounced or early. */
export class AttemptStarts implements Rule {
  event({ name, client, books, fields }: SeenEvent, court: Court): void {
    if (name !== 'attempt:start' || books === undefined) return;
    const refuse = (why: string) => court.violation(`an attempt started ${why}`, books);
    const { now } = court;
    const resuming = books.bodyHandedOver && books.resumes;
    if (books.ends > 0 && !resuming) refuse('after the call had ended');
    if (resuming && !books.bodyOpen) refuse('after the body had ended');
    if (books.bodyHandedOver && !books.resumes) refuse('after the head was handed over');
    if (books.abortedAt !== undefined) refuse('after the caller had aborted');
    if (!resuming && now >= books.dueAt) refuse(`at ${now}, its time was over at ${books.dueAt}`);
    if (books.refused) refuse('after a resend was refused');
    if (client.closedAt !== undefined) refuse('after the client had closed');
    const { closing } = client;
    if (closing !== undefined && books.startedAt > closing.at) refuse('for a call made after close()');
    if (closing !== undefined && now > closing.at + closing.graceMs + court.lateness) {
      refuse('after the grace was over');
    }
    this.#count(books, court);
    this.#announced(books, fields.attempt, court);
    if (!client.inFlight.has(fields.endpoint)) refuse(`at ${fields.endpoint}, which has been removed`);
  }

  #count(books: CallBooks, court: Court): void {
    const { maxAttempts, maxResumes } = books.client.settingsOf(books.plan);
    const free = books.retries.filter(({ source }) => source === 'immediate').length;
    if (free > 2) court.violation(`${free} free resends`, books);
    const most = maxAttempts + maxResumes + free;
    if (books.attempts.length > most) court.violation(`${books.attempts.length} attempts of ${most}`, books);
  }

  #announced(books: CallBooks, number: number, court: Court): void {
    if (number !== books.attempts.length) court.violation(`attempt ${number} out of order`, books);
    if (number === 1) return;
    const announced = books.retries.at(-1);
    if (announced === undefined || announced.attempt !== number - 1) {
      court.violation(`attempt ${number} was not announced`, books);
    } else if (court.now < announced.at + announced.delayMs - ROUNDING_MS) {
      court.violation(`attempt ${number} came early`, books);
    }
  }
}
