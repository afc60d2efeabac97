import { describe, expect, test } from 'vitest';
import { deprecationNotice, describeDeprecation } from '../../../src/deprecation/deprecation-notice.ts';

const now = Date.UTC(2026, 0, 1);
const sunset = 'Wed, 11 Nov 2026 23:59:59 GMT';
const sunsetAt = Date.UTC(2026, 10, 11, 23, 59, 59);

describe('deprecationNotice', () => {
  test.each([
    [{}, undefined],
    [{ deprecation: '@1688169599' }, { deprecatedAt: 1_688_169_599_000 }],
    [{ deprecation: ' @0 ' }, { deprecatedAt: 0 }],
    [{ deprecation: 'Sun, 11 Nov 2018 23:59:59 GMT' }, { deprecatedAt: Date.UTC(2018, 10, 11, 23, 59, 59) }],
    [{ deprecation: 'true' }, {}],
    [{ sunset }, { sunsetAt }],
    [
      { deprecation: '@1688169599', sunset },
      { deprecatedAt: 1_688_169_599_000, sunsetAt },
    ],
    [{ deprecation: 'soon' }, undefined],
    [{ deprecation: '@1e9' }, undefined],
    [{ sunset: 'tomorrow' }, undefined],
    [{ deprecation: 'soon', sunset }, { sunsetAt }],
    [{ deprecation: ['@1', '@2'] }, undefined],
  ])('reads %j as %j', (headers, notice) => {
    expect(deprecationNotice(headers, now)).toEqual(notice);
  });
});

test.each([
  [{}, 'is deprecated'],
  [{ deprecatedAt: now - 1 }, 'is deprecated since 2025-12-31'],
  [{ deprecatedAt: now + 1 }, 'will be deprecated from 2026-01-01'],
  [{ sunsetAt }, 'is deprecated and stops working on 2026-11-11'],
])('%j says: %s', (notice, words) => {
  expect(describeDeprecation(notice, now)).toBe(words);
});
