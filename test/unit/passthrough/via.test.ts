import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutgoingHeaders } from '../../../src/passthrough/hop-by-hop-headers.ts';
import { appendVia, hasPassed, viaPseudonym } from '../../../src/passthrough/via.ts';
import { seededRandom } from '../../support/seeded-random.ts';

function withVia(headers: OutgoingHeaders, pseudonym: string | false): OutgoingHeaders {
  appendVia(headers, '1.1', pseudonym);
  return headers;
}

test('each client has a name of its own unless it is given one', () => {
  const random = seededRandom(1);
  expect(viaPseudonym(undefined, random)).toMatch(/^holdfast-[a-z0-9]{8}$/);
  expect(viaPseudonym(undefined, random)).not.toBe(viaPseudonym(undefined, random));
  expect(viaPseudonym('edge', random)).toBe('edge');
  expect(viaPseudonym(false, random)).toBe(false);
});

test('the name is appended to what is there', () => {
  expect(withVia({}, 'edge')).toEqual({ via: '1.1 edge' });
  expect(withVia({ via: '1.0 a, 1.1 b' }, 'edge')).toEqual({ via: '1.0 a, 1.1 b, 1.1 edge' });
  expect(withVia({ via: '1.0 a' }, false)).toEqual({ via: '1.0 a' });
});

test.each([
  '1.1 edge',
  '1.1 EDGE',
  '1.0 a,1.1 edge,1.1 b',
  'HTTP/1.1 edge',
  '1.1\tedge (a comment)',
  '1.1 a (one, (nested), two) , 1.1 edge',
  '1.1 a (with \\) and \\( in it), 1.1 edge (x)',
])('%s shows that it passed through edge', via => {
  expect(hasPassed(via, 'Edge')).toBe(true);
});

test('several Via lines count together', () => {
  expect(hasPassed(['1.1 a', '1.1 b, 1.1 edge'], 'edge')).toBe(true);
});

test.each([
  '1.1 edge2',
  '1.1 my-edge',
  '1.1 a (1.1 edge)',
  '1.1 a (x, 1.1 edge, (y, 1.1 edge))',
  '1.1 a edge',
  'edge 1.1',
  '1.1 a (\\), 1.1 edge)',
])('%s does not', via => {
  expect(hasPassed(via, 'edge')).toBe(false);
});

test('no Via and no name are no loop', () => {
  expect(hasPassed(undefined, 'edge')).toBe(false);
  expect(hasPassed('1.1 edge', false)).toBe(false);
});

test.each(['1.1 x (', '1.1 x (\\', '1.1 x ((a)', '1.1 x )('])(
  'a client cannot hide the hops behind %s',
  evil => {
    expect(hasPassed(`${evil}, 1.1 edge, 1.1 b (fine)`, 'edge')).toBe(true);
  },
);

test('whatever a client writes without a parenthesis of its own being closed later, an appended name is found', () => {
  const text = fc.string({ unit: fc.constantFrom('(', '\\', ',', ' ', 'a', '1', '.') });
  fc.assert(
    fc.property(text, before => {
      expect(hasPassed(withVia({ via: before }, 'edge').via, 'edge')).toBe(true);
    }),
  );
});
