import type { Court, Rule, SeenEvent } from './rule.ts';

/** Starts and ends pair, and at every instant started = succeeded + failed + aborted + in flight. */
export class Ledger implements Rule {
  #started = 0;
  #ended = { success: 0, failure: 0, aborted: 0 };
  #attemptsOpen = 0;

  event({ name, fields, books }: SeenEvent, court: Court): void {
    if (books === undefined) return;
    if (name === 'call:start') {
      this.#started++;
      if (++books.starts > 1) court.violation('a call started twice', books);
    } else if (name === 'call:end') {
      this.#ended[fields.outcome]++;
      books.endOutcome = fields.outcome;
      if (++books.ends > 1) court.violation('a call ended twice', books);
      if (books.starts === 0) court.violation('a call ended that had not started', books);
      if (fields.attempts.length !== books.attempts.length) {
        court.violation(`a log of ${fields.attempts.length} lines`, books);
      }
    } else if (name === 'attempt:start') {
      this.#attemptsOpen++;
      if (books.starts === 0) court.violation('an attempt of a call that had not started', books);
      if (books.attempts.slice(0, -1).some(({ endedAt }) => endedAt === undefined)) {
        court.violation('two attempts at once', books);
      }
    } else if (name === 'attempt:end') {
      this.#attemptsOpen--;
      if (books.attempts.filter(({ number }) => number === fields.attempt).length !== 1) {
        court.violation(`attempt ${fields.attempt} ended, but did not start`, books);
      }
    } else if (name === 'stream:end' && ++books.streamEnds > 1) {
      court.violation('a stream ended twice', books);
    }
  }

  settled(court: Court): void {
    const { success, failure, aborted } = this.#ended;
    const inFlight = [...court.open].filter(
      ({ starts, outcome }) => starts > 0 && outcome === undefined,
    ).length;
    if (this.#started !== success + failure + aborted + inFlight) {
      court.violation(
        `${this.#started} started != ${success} + ${failure} + ${aborted} + ${inFlight} in flight`,
      );
    }
    if (this.#attemptsOpen < 0) court.violation('more attempts ended than started');
  }

  end(court: Court): void {
    if (this.#attemptsOpen !== 0) court.violation(`${this.#attemptsOpen} attempts never ended`);
    for (const books of court.calls) {
      if (books.open) court.violation('a call never ended', books);
      if (books.starts !== books.ends) court.violation('a call started and did not end', books);
      const handedOver = books.bodyHandedOver ? 1 : 0;
      if (books.streamEnds < handedOver) court.violation('a stream without an end', books);
    }
  }
}

/** What the promise came to is what the events said. */
export class OutcomesAgree implements Rule {
  settled(court: Court): void {
    for (const books of court.open) this.#check(books, court);
  }

  end(court: Court): void {
    for (const books of court.calls) this.#check(books, court);
  }

  #check(books: Court['calls'][number], court: Court): void {
    const { outcome, endOutcome, ends, starts } = books;
    if (outcome === undefined || starts === 0) return;
    if (ends === 0) court.violation(`settled as ${outcome}, but did not end`, books);
    else if (outcome !== endOutcome) court.violation(`came to ${outcome}, told as ${endOutcome}`, books);
  }
}
