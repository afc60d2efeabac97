import { describe, expect, test } from 'vitest';
import { describeLabel, describeValue, withGot } from '../../../src/options/describe-value.ts';

describe('what came', () => {
  test.each([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', 'an empty string'],
    ['s3cret', 'a string'],
    [5, '5'],
    [false, 'false'],
    [5n, 'a bigint'],
    [() => 1, 'a function'],
    [Symbol('s3cret'), 'a symbol'],
    [[], 'an array'],
    [{ s3cret: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [new Map(), 'a Map'],
    [new AbortController(), 'an AbortController'],
    [new Date(0), 'a Date'],
    [new Date(Number.NaN), 'an invalid Date'],
    [new (class {})(), 'an object'],
    [Object.create({ constructor: { name: 's3cret text' } }), 'an object'],
  ])('case %# is named without what it holds', (value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });

  test('can be anything, a revoked proxy too', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(describeValue(proxy)).toBe('an object');
  });

  test('is shown, cut short, where it is a label', () => {
    expect(describeLabel('xml')).toBe('"xml"');
    expect(describeLabel('x'.repeat(50))).toBe(`"${'x'.repeat(40)}…"`);
    expect(describeLabel(5)).toBe('5');
  });

  test('is added to what was expected, and to nothing else', () => {
    expect(withGot('expected true or false', 1)).toBe('expected true or false, got 1');
    expect(withGot('knows only maxResumes', 1)).toBe('knows only maxResumes');
  });
});
