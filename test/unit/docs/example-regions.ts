import { readdirSync, readFileSync } from 'node:fs';
import { repository } from './markdown.ts';

/** A marked part of an example, without its indentation. */
export interface Region {
  readonly example: string;
  readonly name: string;
  readonly text: string;
}

const folder = new URL('examples/', repository);

/** Every file of the examples, relative to their folder. */
function exampleFiles(): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter(name => name.endsWith('.ts'))
    .sort();
}

/** The numbered ones. */
export function exampleNames(): readonly string[] {
  return exampleFiles().filter(name => /^\d\d-.*\.ts$/.test(name));
}

export function everyRegion(): readonly Region[] {
  return exampleFiles().flatMap(regionsOf);
}

export function readExample(example: string): string {
  return readFileSync(new URL(example, folder), 'utf8');
}

/** What stands between `// #region name` and `// #endregion`. */
export function regionsOf(example: string): readonly Region[] {
  const marked = /^ *\/\/ #region ([\w-]+)\n([\s\S]*?)^ *\/\/ #endregion$/gm;
  return [...readExample(example).matchAll(marked)].map(([, name = '', text = '']) => ({
    example,
    name,
    text: withoutIndentation(text),
  }));
}

/** Whether `part` is some whole lines of the region, in one piece. */
export function holds({ text }: Region, part: string): boolean {
  return part.trim() !== '' && `\n${text}`.includes(`\n${part}`);
}

function withoutIndentation(text: string): string {
  const lines = text.split('\n');
  const widths = lines.filter(line => line.trim() !== '').map(line => line.search(/\S/));
  const width = Math.min(...widths);
  return lines.map(line => line.slice(width)).join('\n');
}
