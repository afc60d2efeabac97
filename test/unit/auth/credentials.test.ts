import { describe, expect, test } from 'vitest';
import { Credentials } from '../../../src/auth/credentials.ts';
import type { AuthRequest } from '../../../src/index.ts';
import { Cancellation } from '../../../src/time/cancellation.ts';
import { rejectionOf } from '../../support/transport-request.ts';

const HERE = 'http://a.test';

/** Credentials whose answers come by hand. */
function openCredentials() {
  const asked: AuthRequest[] = [];
  const answers: PromiseWithResolvers<string>[] = [];
  const credentials = new Credentials('users', request => {
    asked.push(request);
    const answer = Promise.withResolvers<string>();
    answers.push(answer);
    return answer.promise;
  });
  return { credentials, asked, answers };
}

describe('get', () => {
  test('asks each time', async () => {
    const { credentials, asked, answers } = openCredentials();
    const values = [credentials.get(HERE, new Cancellation()), credentials.get(HERE, new Cancellation())];
    for (const [index, answer] of answers.entries()) answer.resolve(`token ${index}`);
    expect(await Promise.all(values)).toEqual(['token 0', 'token 1']);
    expect(asked).toMatchObject([{ refresh: false, endpoint: HERE }, { refresh: false }]);
  });

  test('waits no longer than the attempt, whose end its signal tells', async () => {
    const { credentials, asked, answers } = openCredentials();
    const cancellation = new Cancellation();
    const value = rejectionOf(credentials.get(HERE, cancellation));
    cancellation.cancel('over');
    expect(await value).toBe('over');
    expect(asked[0]?.signal.reason).toBe('over');
    answers[0]?.reject(new Error('late, and nobody’s business'));
  });

  test.each(['', 1, null, 'a\nb', 'ü€'])('refuses %o as a value', async value => {
    const credentials = new Credentials('users', () => value as string);
    const error = await rejectionOf(credentials.get(HERE, new Cancellation()));
    expect(error).toMatchObject({ code: 'ERR_CONFIGURATION', issues: [{ path: 'auth' }] });
    if (value !== '' && value !== null) expect(String(error)).not.toContain(String(value));
  });
});

describe('refresh', () => {
  test('is one question for all who ask meanwhile, and a new one afterwards', async () => {
    const { credentials, asked, answers } = openCredentials();
    const first = credentials.refresh(HERE, new Cancellation());
    const second = credentials.refresh(HERE, new Cancellation());
    answers[0]?.resolve('new');
    expect(await Promise.all([first, second])).toEqual(['new', 'new']);
    expect(asked).toMatchObject([{ refresh: true, endpoint: HERE }]);
    void credentials.refresh(HERE, new Cancellation());
    expect(asked).toHaveLength(2);
    answers[1]?.resolve('newer');
  });

  test('is a question of its own for each endpoint', async () => {
    const { credentials, asked, answers } = openCredentials();
    const here = credentials.refresh(HERE, new Cancellation());
    const there = credentials.refresh('http://b.test', new Cancellation());
    answers[0]?.resolve('for a');
    answers[1]?.resolve('for b');
    expect(await Promise.all([here, there])).toEqual(['for a', 'for b']);
    expect(asked.map(({ endpoint }) => endpoint)).toEqual([HERE, 'http://b.test']);
  });

  test('goes on for the others when one leaves', async () => {
    const { credentials, asked, answers } = openCredentials();
    const leaving = new Cancellation();
    const left = rejectionOf(credentials.refresh(HERE, leaving));
    const stays = credentials.refresh(HERE, new Cancellation());
    leaving.cancel('gone');
    expect(await left).toBe('gone');
    expect(asked[0]?.signal.aborted).toBe(false);
    answers[0]?.resolve('new');
    expect(await stays).toBe('new');
  });

  test('that fails fails for all, and the next one asks again', async () => {
    const { credentials, asked, answers } = openCredentials();
    const both = [1, 2].map(() => rejectionOf(credentials.refresh(HERE, new Cancellation())));
    const error = new Error('issuer down');
    answers[0]?.reject(error);
    expect(await Promise.all(both)).toEqual([error, error]);
    const next = credentials.refresh(HERE, new Cancellation());
    answers[1]?.resolve('new');
    expect(await next).toBe('new');
    expect(asked).toHaveLength(2);
  });

  test('hears of the end of the client', () => {
    const { credentials, asked, answers } = openCredentials();
    void credentials.refresh(HERE, new Cancellation());
    credentials.close('closed');
    expect(asked[0]?.signal.reason).toBe('closed');
    answers[0]?.resolve('late');
  });
});
