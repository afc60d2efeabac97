import { readdirSync, readFileSync } from 'node:fs';

/** One page of documentation. */
export interface Page {
  /** Relative to the repository: `docs/02-retry.md`. */
  readonly path: string;
  readonly url: URL;
  readonly text: string;
}

export interface CodeBlock {
  /** `ts`, `sh`, or nothing. */
  readonly language: string;
  readonly text: string;
}

/** Cells by column, as they are written. */
export type Row = Readonly<Record<string, string>>;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export const repository = new URL('../../../', import.meta.url);

export function readPage(path: string): Page {
  const url = new URL(path, repository);
  return { path, url, text: readFileSync(url, 'utf8') };
}

/** README.md and everything under docs/. */
export function everyPage(): readonly Page[] {
  const docs = readdirSync(new URL('docs/', repository), { recursive: true }).map(
    name => `docs/${String(name)}`,
  );
  return ['README.md', ...docs.filter(name => name.endsWith('.md')).sort()].map(readPage);
}

export function codeBlocks({ text }: Page): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    text: body,
  }));
}

/** The text without its code blocks. */
export function prose({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

export function tables(page: Page): readonly Table[] {
  return [...prose(page).matchAll(/(?:^\|.*\|\n)+/gm)].map(([lines]) => {
    const [columns = [], , ...rows] = lines.trimEnd().split('\n').map(cells);
    return {
      columns,
      rows: rows.map(row => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? '']))),
    };
  });
}

/** The only table of a page that has these columns first. */
export function tableWith(page: Page, ...columns: string[]): Table {
  const found = tables(page).filter(table => columns.every((column, at) => table.columns[at] === column));
  if (found.length !== 1) throw new Error(`${page.path}: ${found.length} tables with ${columns.join(' | ')}`);
  return found[0]!;
}

/** What stands between backticks. */
export function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The titles of a page's sections. */
export function headings(page: Page): readonly string[] {
  return [...prose(page).matchAll(/^#{2,} (.*)$/gm)].map(([, title = '']) => title);
}

function cells(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim());
}
