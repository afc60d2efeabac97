import { expect, test } from 'vitest';
import { readExample } from './example-regions.ts';
import { codeIn, readPage, tableWith } from './markdown.ts';

const { rows } = tableWith(readPage('docs/09-frameworks.md'), 'framework', 'where', 'line');
const withoutSpace = (code: string) => code.replace(/\s/g, '');

test('every framework of the examples has its line', () => {
  expect(rows.map(({ framework }) => framework)).toEqual(['Express', 'Fastify', 'Koa', 'Hono', 'Nest']);
});

test.each(rows)('the line for $framework is the one that its example runs', ({ framework, line = '' }) => {
  const [code = ''] = codeIn(line.replaceAll('\\|', '|'));
  const example = withoutSpace(readExample(`frameworks/${framework?.toLowerCase()}.ts`));
  expect(code).not.toBe('');
  expect(example).toContain(withoutSpace(code));
});
