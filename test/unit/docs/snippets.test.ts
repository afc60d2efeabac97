import { describe, expect, test } from 'vitest';
import { everyRegion, exampleNames, holds, readExample, regionsOf } from './example-regions.ts';
import { codeBlocks, everyPage, readPage } from './markdown.ts';

const regions = everyRegion();

describe.each(everyPage())('the code in $path', page => {
  const blocks = codeBlocks(page).filter(({ language }) => language === 'ts');

  test('is taken from the examples, which are run', () => {
    const strangers = blocks.filter(({ text }) => !regions.some(region => holds(region, text)));
    expect(strangers.map(({ text }) => text)).toEqual([]);
  });

  test('is in blocks whose language is known', () => {
    const known = new Set(['ts', 'sh', 'text', 'mermaid', 'json']);
    expect(codeBlocks(page).filter(({ language }) => !known.has(language))).toEqual([]);
  });
});

describe.each(exampleNames())('%s', example => {
  test('is short enough to be read at once', () => {
    expect(readExample(example).trimEnd().split('\n').length).toBeLessThan(60);
  });

  test('checks what it shows', () => {
    expect(readExample(example)).toMatch(/^ *assert\b/m);
  });

  test('ends every region that it begins', () => {
    const begun = readExample(example).match(/#region/g) ?? [];
    expect(regionsOf(example)).toHaveLength(begun.length);
  });

  test('has no two regions of one name', () => {
    const names = regionsOf(example).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('the first code in the README is the first example, whole', () => {
  const first = codeBlocks(readPage('README.md')).find(({ language }) => language === 'ts');
  expect(first?.text).toBe(regions.find(({ name }) => name === 'first-call')?.text);
});

test('every region of a numbered example is shown somewhere', () => {
  const shown = everyPage()
    .flatMap(codeBlocks)
    .filter(({ language }) => language === 'ts');
  const hidden = exampleNames()
    .flatMap(regionsOf)
    .filter(region => !shown.some(({ text }) => holds(region, text)));
  expect(hidden.map(({ example, name }) => `${example} ${name}`)).toEqual([]);
});
