import { describe, expect, test } from 'vitest';
import { currentContext, runInContext } from '../../../src/context/run-in-context.ts';
import { ConfigurationError } from '../../../src/errors/configuration-error.ts';

describe('runInContext', () => {
  test('gives what its function returns, and throws what it throws', async () => {
    expect(runInContext({}, () => 7)).toBe(7);
    await expect(runInContext({}, async () => 'later')).resolves.toBe('later');
    expect(() => runInContext({}, () => expect.unreachable('thrown'))).toThrow('thrown');
  });

  test('carries its values through async code, and no further', async () => {
    const inside = runInContext({ requestId: 'r1' }, async () => {
      await new Promise(resolve => setImmediate(resolve));
      return currentContext();
    });
    expect(currentContext()).toEqual({});
    expect(await inside).toEqual({ requestId: 'r1' });
  });

  test('keeps contexts that run at the same time apart', async () => {
    const read = (requestId: string) =>
      runInContext({ requestId }, async () => {
        await Promise.resolve();
        return currentContext().requestId;
      });
    expect(await Promise.all([read('a'), read('b')])).toEqual(['a', 'b']);
  });

  test('merges the inner over the outer', () => {
    const merged = runInContext({ requestId: 'r1', jobId: 'j1' }, () =>
      runInContext({ jobId: 'j2', tenant: 't' }, currentContext),
    );
    expect(merged).toEqual({ requestId: 'r1', jobId: 'j2', tenant: 't' });
  });

  test('takes an explicit undefined for absent', () => {
    const merged = runInContext({ requestId: 'r1' }, () =>
      runInContext({ requestId: undefined, deadline: undefined }, currentContext),
    );
    expect(merged).toEqual({ requestId: 'r1' });
    expect('deadline' in merged).toBe(false);
  });

  test('lets a nested deadline shorten the outer one, never lengthen it', () => {
    const nested = (outer: number, inner: number) =>
      runInContext({ deadline: outer }, () =>
        runInContext({ deadline: inner }, () => currentContext().deadline),
      );
    expect(nested(2000, 1000)).toBe(1000);
    expect(nested(1000, 2000)).toBe(1000);
  });

  test('keeps the outer deadline when the inner has none', () => {
    const inherited = (inner: { deadline?: number }) =>
      runInContext({ deadline: 1000 }, () => runInContext(inner, () => currentContext().deadline));
    expect(inherited({})).toBe(1000);
    expect(inherited({ deadline: Number.POSITIVE_INFINITY })).toBe(1000);
  });

  test('keeps a Date as epoch milliseconds', () => {
    expect(runInContext({ deadline: new Date(5000) }, currentContext)).toEqual({ deadline: 5000 });
  });

  test.each([Number.NaN, new Date(Number.NaN), '2026-01-01', null])('refuses %j as a deadline', deadline => {
    const run = () =>
      runInContext({ deadline } as unknown as { deadline: number }, () => expect.unreachable('run'));
    expect(run).toThrow(ConfigurationError);
    expect(run).toThrow(/deadline: expected epoch milliseconds or a valid Date/);
  });

  test.each([
    [null, (): number => 1, 'expected an object of context values'],
    ['r1', (): number => 1, 'expected an object of context values'],
    [{}, undefined, 'fn: expected a function'],
  ])('refuses %j with %s', (values, fn, message) => {
    const run = (): unknown => runInContext<unknown>(values as never, fn as never);
    expect(run).toThrow(ConfigurationError);
    expect(run).toThrow(message);
  });

  test('neither keeps nor changes the object it was given', () => {
    const values = Object.freeze({ requestId: 'r1', deadline: new Date(5000) });
    const context = runInContext(values, currentContext);
    expect(context).not.toBe(values);
    expect(Object.isFrozen(context)).toBe(true);
    expect(values.deadline).toBeInstanceOf(Date);
  });

  test('cannot be used to reach a prototype', () => {
    const values = JSON.parse('{"__proto__": {"polluted": true}}');
    const context = runInContext(values, currentContext);
    expect(context.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(context)).toBe(Object.prototype);
  });
});

describe('currentContext', () => {
  test('is empty, frozen and the same object outside', () => {
    expect(currentContext()).toEqual({});
    expect(Object.isFrozen(currentContext())).toBe(true);
    expect(currentContext()).toBe(currentContext());
  });
});
