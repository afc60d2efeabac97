import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { upstreamMessage } from '../../../src/errors/upstream-message.ts';

describe('where an upstream puts its message', () => {
  test.each([
    [{ message: 'a', error: 'b', detail: 'c', title: 'd' }, 'a'],
    [{ error: 'b', detail: 'c', title: 'd' }, 'b'],
    [{ error: { message: 'e' }, detail: 'c', title: 'd' }, 'e'],
    [{ detail: 'c', title: 'd' }, 'c'],
    [{ title: 'd' }, 'd'],
    [{ message: 5, error: ['x'], detail: null, title: 'd' }, 'd'],
    [{ message: ' \u0000\n ', error: { message: '' }, detail: 'c' }, 'c'],
  ])('%o says %s', (data, message) => {
    expect(upstreamMessage(data)).toBe(message);
  });

  test.each([
    undefined,
    null,
    'text',
    5,
    ['message'],
    {},
    { message: { message: 'too deep' } },
    { error: ['a'] },
    new Error('inherited and not JSON').cause,
    Object.create({ message: 'inherited' }),
  ])('%o says nothing', data => {
    expect(upstreamMessage(data)).toBeUndefined();
  });
});

test('the message is one line without control characters or marks that reorder text', () => {
  expect(upstreamMessage({ message: ' a\u0000b\u001b[31m\u007f\r\nc\t\td\u2028e\u0085f ' })).toBe(
    'ab[31m c d ef',
  );
  expect(upstreamMessage({ message: 'user\u202e\u2066gnp.exe\u200b\ufeff' })).toBe('usergnp.exe');
  expect(upstreamMessage({ message: 'half \ud83d of a pair' })).toBe('half of a pair');
  expect(upstreamMessage({ message: 'whole 👩‍👧 family, नमस्ते, می‌خواهم' })).toBe(
    'whole 👩‍👧 family, नमस्ते, می‌خواهم',
  );
});

test('the message is at most 300 characters and never ends in half a pair', () => {
  expect(upstreamMessage({ message: 'x'.repeat(300) })).toBe('x'.repeat(300));
  expect(upstreamMessage({ message: 'x'.repeat(301) })).toBe(`${'x'.repeat(299)}…`);
  expect(upstreamMessage({ message: `${'x'.repeat(298)}😀${'y'.repeat(9)}` })).toBe(`${'x'.repeat(298)}…`);
  expect(upstreamMessage({ message: 'x'.repeat(1e6) })).toHaveLength(300);
});

test('an accessor that throws says nothing', () => {
  const data = {
    get message(): string {
      throw new Error('no');
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(upstreamMessage(data)).toBeUndefined();
  expect(upstreamMessage(proxy)).toBeUndefined();
});

test('whatever the body, the message is safe', () => {
  const text = fc.string({ unit: 'binary', maxLength: 700 });
  const data = fc.record(
    { message: text, error: fc.oneof(text, fc.record({ message: text })) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        data,
        fc.anything(),
        fc.json().map(json => JSON.parse(json) as unknown),
      ),
      value => {
        const message = upstreamMessage(value);
        if (message === undefined) return;
        expect(message.length).toBeLessThanOrEqual(300);
        expect(message.length).toBeGreaterThan(0);
        expect(message.isWellFormed()).toBe(true);
        expect(message).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
      },
    ),
  );
});
