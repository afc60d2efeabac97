import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endToEndHeaders } from '../../../src/passthrough/hop-by-hop-headers.ts';

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

test.each(HOP_BY_HOP)('%s is never passed on', name => {
  expect(endToEndHeaders({ [name]: 'x', accept: 'text/html' })).toEqual({ accept: 'text/html' });
});

test('headers that Connection names go too, in any case and with any spacing', () => {
  const headers = { connection: 'close ,X-One,\tx-two', 'x-one': '1', 'x-two': '2', 'x-three': '3' };
  expect(endToEndHeaders(headers)).toEqual({ 'x-three': '3' });
});

test('several Connection lines count together', () => {
  const headers = { connection: ['x-one', 'keep-alive, x-two'], 'x-one': '1', 'x-two': '2', etag: '"a"' };
  expect(endToEndHeaders(headers)).toEqual({ etag: '"a"' });
});

test('several Set-Cookie stay apart', () => {
  expect(endToEndHeaders({ 'set-cookie': ['a=1', 'b=2'] })).toEqual({ 'set-cookie': ['a=1', 'b=2'] });
});

test('what was given is left as it is', () => {
  const headers = Object.freeze({ connection: 'x-one', 'x-one': '1' });
  expect(endToEndHeaders(headers)).toEqual({});
});

test('the filter removes every named header, keeps the others, and is idempotent', () => {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,5}$/);
  const spelled = fc.tuple(name, fc.boolean()).map(([text, upper]) => (upper ? text.toUpperCase() : text));
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), fc.array(spelled), (others, named) => {
      const once = endToEndHeaders({ ...others, connection: named.join(' , ') });
      for (const option of named) expect(once).not.toHaveProperty([option.toLowerCase()]);
      const gone = new Set([...HOP_BY_HOP, ...named.map(option => option.toLowerCase())]);
      for (const [key, value] of Object.entries(others)) if (!gone.has(key)) expect(once[key]).toBe(value);
      expect(endToEndHeaders(once)).toEqual(once);
    }),
  );
});
