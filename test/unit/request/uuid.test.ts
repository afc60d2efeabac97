import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/options/defaults.ts';
import { newUuid } from '../../../src/request/uuid.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a UUID drawn from an injected random is a version 4 one and repeats with its seed', () => {
  for (let seed = 0; seed < 200; seed++) expect(newUuid(seededRandom(seed))).toMatch(V4);
  expect(newUuid(seededRandom(1))).toBe(newUuid(seededRandom(1)));
  expect(newUuid(seededRandom(1))).not.toBe(newUuid(seededRandom(2)));
});

test('extreme draws still make a UUID', () => {
  expect(newUuid(() => 0)).toBe('00000000-0000-4000-8000-000000000000');
  expect(newUuid(() => 1 - 2 ** -53)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});

test('the system makes its own', () => {
  const random = DEFAULTS.random;
  expect(newUuid(random)).toMatch(V4);
  expect(newUuid(random)).not.toBe(newUuid(random));
});
