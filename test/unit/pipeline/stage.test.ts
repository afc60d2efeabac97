import { describe, expect, test } from 'vitest';
import { bridge, compose, type Next, type Stage, type Step } from '../../../src/pipeline/stage.ts';

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

describe('steps', () => {
  const seen: string[] = [];
  const step = (name: string, faults: Partial<Record<keyof Step<Outer, string>, Error>> = {}) => {
    const told = (what: keyof Step<Outer, string>, value: unknown) => {
      seen.push(`${name} ${what} ${value}`);
      if (faults[what] !== undefined) throw faults[what];
    };
    return {
      enter: () => told('enter', ''),
      replied: reply => told('replied', reply),
      failed: error => told('failed', (error as Error).message),
    } satisfies Step<Outer, string>;
  };
  const run = async (parts: Parameters<typeof compose<Outer, string>>[0], inner: Next<Outer, string>) => {
    seen.length = 0;
    const end = await compose(parts, inner)({ path: [] }).catch((error: Error) => error.message);
    return [...seen, end].map(line => line.replaceAll(/ +/g, ' ').trim());
  };
  const answer: Next<Outer, string> = () => Promise.resolve('yes');

  test('are entered from the outside in, and told of the reply from the inside out', async () => {
    expect(await run([step('a'), step('b')], answer)).toEqual([
      'a enter',
      'b enter',
      'b replied yes',
      'a replied yes',
      'yes',
    ]);
  });

  test('are told of a failure, thrown at once or not', async () => {
    const expected = ['a enter', 'a failed no', 'no'];
    expect(await run([step('a')], () => Promise.reject(new Error('no')))).toEqual(expected);
    const throws = () => {
      throw new Error('no');
    };
    expect(await run([step('a')], throws)).toEqual(expected);
  });

  test('one that throws on the way in was never entered: those outside it are told', async () => {
    const broken = step('b', { enter: new Error('full') });
    const expected = ['a enter', 'b enter', 'a failed full', 'full'];
    expect(await run([step('a'), broken, step('c')], answer)).toEqual(expected);
  });

  test('one that throws on the way back makes a failure of the reply for those outside it', async () => {
    const strict = step('b', { replied: new Error('bad') });
    expect(await run([step('a'), strict, step('c')], answer)).toEqual([
      'a enter',
      'b enter',
      'c enter',
      'c replied yes',
      'b replied yes',
      'a failed bad',
      'bad',
    ]);
  });

  test('one that takes its time holds up what is inside it, and may give up', async () => {
    const turn = Promise.withResolvers<void>();
    const waits: Step<Outer, string> = { enter: () => turn.promise };
    const running = run([step('a'), waits, step('c')], answer);
    await Promise.resolve();
    expect(seen).toEqual(['a enter ']);
    turn.resolve();
    expect(await running).toEqual(['a enter', 'c enter', 'c replied yes', 'a replied yes', 'yes']);
    const gives: Step<Outer, string> = { enter: () => Promise.reject(new Error('left')) };
    expect(await run([step('a'), gives, step('c')], answer)).toEqual(['a enter', 'a failed left', 'left']);
  });

  test('stand around the stages between them', async () => {
    const twice: Stage<Outer, string> = async (scope, next) => `${await next(scope)} ${await next(scope)}`;
    const ends = await run([step('a'), twice, step('b')], answer);
    expect(ends.filter(line => line.startsWith('b enter'))).toHaveLength(2);
    expect(ends.slice(-2)).toEqual(['a replied yes yes', 'yes yes']);
  });
});

test('bridge opens the next scope', async () => {
  const opens: Stage<Outer, string, Inner> = (scope, next) => next({ ...scope, opened: true });
  const inner: Next<Inner, string> = async ({ opened }) => String(opened);
  expect(await bridge(opens, inner)({ path: [] })).toBe('true');
});
