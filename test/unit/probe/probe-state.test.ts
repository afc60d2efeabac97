import { expect, test } from 'vitest';
import { ProbeState } from '../../../src/probe/probe-state.ts';

const state = () => new ProbeState({ healthyThreshold: 2, unhealthyThreshold: 3 });

/** Counts a run such as `++-`; gives the verdict after each. */
const verdicts = (probes: ProbeState, run: string) =>
  [...run].map(sign => {
    probes.count(sign === '+');
    return probes.verdict;
  });

test('the first probe that passes settles it', () => {
  expect(verdicts(state(), '+')).toEqual(['up']);
});

test('goes down after as many failures in a row as the threshold says, from unknown too', () => {
  expect(verdicts(state(), '---')).toEqual(['unknown', 'unknown', 'down']);
  expect(verdicts(state(), '+---')).toEqual(['up', 'up', 'up', 'down']);
});

test('comes up after as many passes in a row as the threshold says', () => {
  expect(verdicts(state(), '---++')).toEqual(['unknown', 'unknown', 'down', 'down', 'up']);
});

test('a probe of the other kind starts the count over', () => {
  expect(verdicts(state(), '+--+--').at(-1)).toBe('up');
  expect(verdicts(state(), '---+-+').at(-1)).toBe('down');
});

test('says what changed, once', () => {
  const probes = state();
  expect([probes.count(false), probes.count(false)]).toEqual([undefined, undefined]);
  expect([probes.count(false), probes.count(false)]).toEqual(['3 probes in a row failed', undefined]);
  expect([probes.count(true), probes.count(true)]).toEqual([undefined, '2 probes in a row passed']);
});
