import type { RetryScheduledEvent } from '../../../src/telemetry/client-events.ts';
import type { CallBooks, SeenAttempt } from '../call-books.ts';
import type { Court, Rule, SeenEvent } from './rule.ts';

const ROUNDING_MS = 1e-6;

/** What may not be repeated reaches servers once; waits are finite, within their cap and never shorter than asked. */
export class Resends implements Rule {
  event({ name, fields, books }: SeenEvent, court: Court): void {
    if (books === undefined) return;
    if (name === 'attempt:start') this.#atMostOnce(books, court);
    if (name === 'retry:scheduled') this.#delay(books, fields, court);
  }

  #atMostOnce(books: CallBooks, court: Court): void {
    const { resendable, replayable } = books.client.settingsOf(books.plan);
    const before = books.attempts.slice(0, -1);
    if (!replayable && before.length > 0)
      court.violation('a body that can be read once was sent twice', books);
    if (resendable) return;
    // A 401 is resent with fresh credentials whatever the method.
    const reached = before.filter(attempt => attempt.reached && attempt.answer?.status !== 401);
    if (reached.length > 0)
      court.violation(`a ${books.plan.method} that had reached a server was resent`, books);
  }

  #delay(books: CallBooks, { delayMs, source, attempt }: RetryScheduledEvent, court: Court): void {
    const { retry } = books.client.options;
    if (!(Number.isFinite(delayMs) && delayMs >= 0)) court.violation(`a wait of ${delayMs} ms`, books);
    if (source === 'immediate') {
      if (delayMs !== 0) court.violation(`an immediate resend waits ${delayMs} ms`, books);
      return;
    }
    const last = books.attempts.find(({ number }) => number === attempt);
    const asked = askedMs(last);
    const maxRetryAfterMs = retry === false ? 10_000 : retry.maxRetryAfterMs;
    if (asked > maxRetryAfterMs) court.violation(`waits although asked for ${asked} ms`, books);
    const longest = retry === false ? 5_000 : retry.backoff.maxDelayMs;
    if (delayMs > asked + longest) court.violation(`waits ${delayMs} ms, ${asked} asked for`, books);
    if (delayMs < asked - ROUNDING_MS) court.violation(`waits ${delayMs} ms of ${asked} asked for`, books);
    if (asked > 0 !== (source === 'retry-after')) court.violation(`told as ${source}`, books);
    if (retry !== false && retry.backoff.jitter !== 'full' && !books.resumes) {
      const { baseDelayMs, maxDelayMs, factor, jitter } = retry.backoff;
      const paid = books.retries.filter(announced => announced.source !== 'immediate').length;
      const grown = Math.min(maxDelayMs, baseDelayMs * factor ** (paid - 1));
      const least = asked + (jitter === 'none' ? grown : grown / 2);
      if (delayMs < least - ROUNDING_MS) court.violation(`waits ${delayMs} ms, at least ${least} due`, books);
      if (delayMs > asked + grown + ROUNDING_MS) court.violation(`waits ${delayMs} ms, ${grown} due`, books);
    }
  }
}

/** What the server asked to wait, by its own words, also where the body behind them broke off. */
function askedMs(attempt: SeenAttempt | undefined): number {
  const { status, headers = {} } = attempt?.answer ?? {};
  if (status !== 429 && status !== 503) return 0;
  const value = headers['retry-after'] ?? '';
  return /^\d+$/.test(value) ? Number(value) * 1_000 : 0;
}
