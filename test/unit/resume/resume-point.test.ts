import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRest, resumeHeaders, resumePoint } from '../../../src/resume/resume-point.ts';

const etag = '"v1"';
const whole = { status: 200, headers: { etag, 'content-length': '1000' } };
const point = { etag, first: 0, last: 999, total: 1000 };

describe('resumePoint', () => {
  test('is known for a whole body of known length with a strong ETag', () => {
    expect(resumePoint(whole)).toEqual(point);
    const identity = { ...whole.headers, 'content-encoding': 'Identity' };
    expect(resumePoint({ status: 200, headers: identity })).toEqual(point);
  });

  test('lies within the range of a partial answer', () => {
    const headers = { etag, 'content-range': 'bytes 100-199/1000' };
    expect(resumePoint({ status: 206, headers })).toEqual({ etag, first: 100, last: 199, total: 1000 });
  });

  test.each([
    ['no ETag', { etag: '' }],
    ['a weak ETag', { etag: 'W/"v1"' }],
    ['an ETag without quotes', { etag: 'v1' }],
    ['a coding', { 'content-encoding': 'gzip' }],
    ['no length', { 'content-length': '' }],
    ['a length that is none', { 'content-length': '1e3' }],
    ['nothing to resume', { 'content-length': '0' }],
  ])('is unknown with %s', (_, headers) => {
    expect(resumePoint({ status: 200, headers: { ...whole.headers, ...headers } })).toBeUndefined();
  });

  test.each([[201], [203], [204], [304]])('is unknown for a %i', status => {
    expect(resumePoint({ ...whole, status })).toBeUndefined();
  });

  test.each([
    'bytes 5-4/10',
    'bytes 0-10/10',
    'bytes 0-9/*',
    'items 0-9/10',
    'bytes */10',
    'bytes 0-4,6-9/10',
  ])('is unknown for a content-range of %s', range => {
    expect(resumePoint({ status: 206, headers: { etag, 'content-range': range } })).toBeUndefined();
  });
});

describe('resumeHeaders', () => {
  test('ask for the rest, and only of the same representation', () => {
    expect(resumeHeaders(point, 400)).toEqual({ range: 'bytes=400-', 'if-range': etag });
    expect(resumeHeaders({ ...point, first: 100, last: 199 }, 40)).toEqual({
      range: 'bytes=140-199',
      'if-range': etag,
    });
  });
});

describe('isRest', () => {
  const rest = { etag, 'content-range': 'bytes 400-999/1000', 'content-length': '600' };

  test('knows the rest to the byte', () => {
    expect(isRest(point, 400, { status: 206, headers: rest })).toBe(true);
    expect(isRest(point, 400, { status: 206, headers: { ...rest, 'content-length': '' } })).toBe(true);
  });

  test.each([
    ['another ETag', { etag: '"v2"' }],
    ['a weak ETag', { etag: 'W/"v1"' }],
    ['an earlier start', { 'content-range': 'bytes 399-999/1000' }],
    ['a later start', { 'content-range': 'bytes 401-999/1000' }],
    ['an earlier end', { 'content-range': 'bytes 400-998/1000' }],
    ['another total', { 'content-range': 'bytes 400-999/1001' }],
    ['an unknown total', { 'content-range': 'bytes 400-999/*' }],
    ['a coding', { 'content-encoding': 'br' }],
    ['another length', { 'content-length': '599' }],
  ])('refuses one with %s', (_, headers) => {
    expect(isRest(point, 400, { status: 206, headers: { ...rest, ...headers } })).toBe(false);
  });

  test.each([[200], [203], [416]])('refuses a %i', status => {
    expect(isRest(point, 400, { status, headers: rest })).toBe(false);
  });

  test('the pieces of any body, broken anywhere, add up to it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.nat(2000), { maxLength: 6 }),
        (total, cuts) => {
          const start = { etag, first: 0, last: total - 1, total };
          let received = 0;
          for (const cut of cuts) {
            received = Math.min(total - 1, received + cut);
            const from = Number(/^bytes=(\d+)-$/.exec(resumeHeaders(start, received).range)?.[1]);
            const headers = { etag, 'content-range': `bytes ${from}-${total - 1}/${total}` };
            expect(isRest(start, received, { status: 206, headers })).toBe(true);
          }
        },
      ),
    );
  });
});
