import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../../src/retry/retry-after.ts';

const now = Date.UTC(2026, 0, 15, 12, 0, 0);
const inTenSeconds = new Date(now + 10_000).toUTCString();

function read(retryAfter: string | string[], date?: string): number | undefined {
  return retryAfterMs({ 'retry-after': retryAfter, ...(date === undefined ? {} : { date }) }, now);
}

describe('retryAfterMs', () => {
  test('is absent without the header', () => {
    expect(retryAfterMs({}, now)).toBeUndefined();
  });

  test('reads whole seconds', () => {
    expect(read('2')).toBe(2000);
    expect(read(' 120 ')).toBe(120_000);
  });

  test('reads 0 as the normal backoff', () => {
    expect(read('0')).toBe(0);
  });

  test.each(['-1', '1.5', 'garbage', '1e3', '', '0x10', '+5', '1 2', '5, 6', 'Infinity', '2026-01-15', '١٢'])(
    'counts %j as absent',
    value => {
      expect(read(value)).toBeUndefined();
    },
  );

  test('stays finite for an endless row of digits', () => {
    expect(read('9'.repeat(400))).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('takes the first of a repeated header', () => {
    expect(read(['3', '9'])).toBe(3000);
    expect(read([])).toBeUndefined();
  });

  test.each([
    ['IMF-fixdate', 'Thu, 15 Jan 2026 12:00:10 GMT'],
    ['RFC 850', 'Thursday, 15-Jan-26 12:00:10 GMT'],
    ['asctime', 'Thu Jan 15 12:00:10 2026'],
  ])('reads an %s date', (_, date) => {
    expect(read(date)).toBe(10_000);
  });

  test('reads the padded day of an asctime date', () => {
    expect(
      retryAfterMs({ 'retry-after': 'Sun Nov  6 08:49:37 1994' }, Date.UTC(1994, 10, 6, 8, 49, 30)),
    ).toBe(7000);
  });

  test('takes a two-digit year more than 50 years ahead for the last century', () => {
    const in1994 = Date.UTC(1994, 10, 6, 8, 49, 30);
    expect(read('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(0);
    expect(retryAfterMs({ 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, in1994)).toBe(7000);
    expect(read('Wednesday, 15-Jan-76 12:00:00 GMT')).toBe(Date.UTC(2076, 0, 15, 12) - now);
    expect(read('Friday, 15-Jan-77 12:00:00 GMT')).toBe(0);
  });

  test.each([
    'Thu, 30 Feb 2026 12:00:10 GMT',
    'Thu, 00 Jan 2026 12:00:10 GMT',
    'Thu, 15 Jan 2026 24:00:10 GMT',
    'Thu, 15 Jan 2026 12:60:10 GMT',
    'Thu, 15 Jan 2026 12:00:61 GMT',
    'Thu, 15 Foo 2026 12:00:10 GMT',
    'Thu, 15 Jan 2026 12:00:10',
    'Thu, 15 Jan 2026 12:00:10 GMT, again',
  ])('counts the impossible date %j as absent', value => {
    expect(read(value)).toBeUndefined();
  });

  test('reads a date in the past as the normal backoff', () => {
    expect(read(new Date(now - 1000).toUTCString())).toBe(0);
  });

  test("measures a date against the server's own clock, fast or slow", () => {
    const hour = 3_600_000;
    const fast = new Date(now + hour);
    expect(read(new Date(fast.getTime() + 10_000).toUTCString(), fast.toUTCString())).toBe(10_000);
    const slow = new Date(now - hour);
    expect(read(new Date(slow.getTime() + 10_000).toUTCString(), slow.toUTCString())).toBe(10_000);
  });

  test("measures a date against our clock when the server's does not parse", () => {
    expect(read(inTenSeconds, 'yesterday')).toBe(10_000);
  });

  test("leaves seconds alone, whatever the server's clock says", () => {
    expect(read('2', new Date(now + 60_000).toUTCString())).toBe(2000);
  });

  test('is absent, or finite and not negative, for any headers', () => {
    const date = fc.date({ noInvalidDate: true }).map(day => day.toUTCString());
    const value = fc.oneof(fc.string(), date, fc.integer().map(String), fc.array(fc.string()));
    fc.assert(
      fc.property(value, value, fc.integer({ min: 0, max: 4e12 }), (retryAfter, day, nowMs) => {
        const wait = retryAfterMs({ 'retry-after': retryAfter, date: day }, nowMs);
        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
      }),
    );
  });

  test('is never early: any date in whole seconds is waited for in full', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(seconds, seconds, (until, from) => {
        const headers = {
          'retry-after': new Date(until * 1000).toUTCString(),
          date: new Date(from * 1000).toUTCString(),
        };
        expect(retryAfterMs(headers, now)).toBe(Math.max(0, until - from) * 1000);
      }),
    );
  });
});
