import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadlineFrom } from '../../../src/context/deadline-from.ts';
import { deadlineHeader } from '../../../src/context/propagated-headers.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const header = 'x-envoy-expected-rq-timeout-ms';
const clock = new ManualClock({ now: 1_000_000 });

function read(value: string | string[] | undefined): number | undefined {
  return deadlineFrom({ headers: { [header]: value } }, clock);
}

describe('deadlineFrom', () => {
  test('adds the time that is left to now', () => {
    expect(read('2500')).toBe(1_002_500);
    expect(read(' 2500 ')).toBe(1_002_500);
  });

  test('reads a request of node:http and one of WHATWG alike', () => {
    const request = new Request('http://localhost/', { headers: { [header]: '40' } });
    expect(deadlineFrom(request, clock)).toBe(1_000_040);
    expect(deadlineFrom({ headers: new Headers({ [header]: '40' }) }, clock)).toBe(1_000_040);
    expect(deadlineFrom({ headers: { [header]: '40' } }, clock)).toBe(1_000_040);
  });

  test("goes by the system's clock unless given another", () => {
    const before = Date.now();
    const deadline = deadlineFrom({ headers: { [header]: '1000' } });
    expect(deadline).toBeGreaterThanOrEqual(before + 1000);
    expect(deadline).toBeLessThanOrEqual(Date.now() + 1000);
  });

  test('has passed already when no time is left', () => {
    expect(read('0')).toBe(1_000_000);
  });

  test('is absent without the header', () => {
    expect(read(undefined)).toBeUndefined();
    expect(deadlineFrom(new Request('http://localhost/'), clock)).toBeUndefined();
    expect(deadlineFrom({ headers: {} }, clock)).toBeUndefined();
  });

  test.each(['-1', '1.5', '1e3', 'soon', '', '0x10', '10, 20', 'Infinity', '2147483648', '9'.repeat(400)])(
    'ignores %j',
    value => {
      expect(read(value)).toBeUndefined();
    },
  );

  test('ignores a repeated header', () => {
    expect(read(['10', '20'])).toBeUndefined();
  });

  test('is absent or between now and 24.8 days on, for any value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String)), value => {
        const deadline = read(value);
        if (deadline === undefined) return;
        expect(deadline).toBeGreaterThanOrEqual(1_000_000);
        expect(deadline).toBeLessThanOrEqual(1_000_000 + 2 ** 31);
      }),
    );
  });

  test('is never later than what the sender had left', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), remainingMs => {
        const deadline = deadlineFrom({ headers: deadlineHeader(remainingMs) }, clock);
        expect(deadline).toBeDefined();
        expect(deadline).toBeLessThanOrEqual(1_000_000 + remainingMs);
      }),
    );
  });
});
