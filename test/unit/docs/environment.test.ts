import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../src/options/duration.ts';
import { type Environment, readEnvironment } from '../../../src/options/environment-variables.ts';
import { optionsFromEnv } from '../../../src/options/from-environment.ts';
import { valueAt } from '../../../src/options/plain-object.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { codeIn, readPage, tableWith } from './markdown.ts';

const { rows } = tableWith(readPage('README.md'), 'variable', 'option', 'default');
const URL_ALONE = { YOUTUBE_SERVICE_URL: 'http://localhost:3001', YOUTUBE_HEALTH_PATH: '/health' };

test('the README lists every variable that is read', () => {
  const asked = new Set<string>();
  const watched = new Proxy<Environment>({}, { get: (_, name) => void asked.add(String(name)) });
  readEnvironment('youtube', watched);
  expect(rows.map(({ variable = '' }) => codeIn(variable)[0])).toEqual([...asked]);
});

describe.each(rows)('$variable in the README', ({ variable = '', option = '', default: written = '' }) => {
  const [name = ''] = codeIn(variable);
  const [path = ''] = codeIn(option);

  test('is the variable of its option', () => {
    const { sources } = readEnvironment('youtube', { [name]: '1' });
    expect(sources.get(path)).toBe(name);
  });

  test('has the default that a client gets without it', () => {
    const options = resolveOptions(optionsFromEnv('youtube', URL_ALONE));
    const [words = '', last = words] = [written, written.split(', ').at(-1)];
    if (name in URL_ALONE) expect(words).toMatch(/^(?:required|off)$/);
    else expect(valueAt(options, path)).toBe(path.endsWith('Ms') ? parseDuration(last) : Number(last));
  });
});

test('the two variables without a default are the ones that must be, or switch something on', () => {
  expect(() => optionsFromEnv('youtube', {})).toThrow(/YOUTUBE_SERVICE_URL → baseUrl: required/);
  const { YOUTUBE_SERVICE_URL } = URL_ALONE;
  expect(resolveOptions(optionsFromEnv('youtube', { YOUTUBE_SERVICE_URL })).probe).toBe(false);
});
