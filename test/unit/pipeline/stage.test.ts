import { describe, expect, test } from 'vitest';
import { bridge, compose, type Next, type Stage } from '../../../src/pipeline/stage.ts';

interface Outer {
  readonly path: readonly string[];
}
interface Inner extends Outer {
  readonly opened: true;
}

const step =
  (name: string): Stage<Outer, string> =>
  async (scope, next) =>
    `${name}(${await next({ ...scope, path: [...scope.path, name] })})`;

describe('compose', () => {
  const end: Next<Outer, string> = async ({ path }) => path.join('>');

  test('puts the first stage outermost', async () => {
    expect(await compose([step('a'), step('b')], end)({ path: [] })).toBe('a(b(a>b))');
  });

  test('leaves out what is switched off, at no cost at all', async () => {
    expect(await compose([undefined, step('a'), undefined], end)({ path: [] })).toBe('a(a)');
    expect(compose<Outer, string>([undefined], end)).toBe(end);
  });

  test('lets a stage answer by itself, and see failures', async () => {
    const answers: Stage<Outer, string> = async () => 'own';
    expect(await compose([answers], () => Promise.reject(new Error('never')))({ path: [] })).toBe('own');
    const mends: Stage<Outer, string> = (scope, next) => next(scope).catch(() => 'mended');
    expect(await compose([mends], () => Promise.reject(new Error('broken')))({ path: [] })).toBe('mended');
  });
});

test('bridge opens the next scope', async () => {
  const opens: Stage<Outer, string, Inner> = (scope, next) => next({ ...scope, opened: true });
  const inner: Next<Inner, string> = async ({ opened }) => String(opened);
  expect(await bridge(opens, inner)({ path: [] })).toBe('true');
});
