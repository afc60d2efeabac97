import type { Samples } from '../race.ts';
import { figure, linesOf, type Spread } from './figures.ts';

/** A figure with a column of its own. */
export interface Column {
  readonly title: string;
  readonly key: string;
  readonly digits: number;
}

export const ours = (name: string) => name.startsWith('holdfast');

export const number = (value: number, digits: number) =>
  Number.isFinite(value) ? value.toFixed(digits) : '–';

export const times = ({ low, middle, high }: Spread) =>
  `**${number(middle, 2)}** (${number(low, 2)}–${number(high, 2)})`;

export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line), ''];
}

/** Contestants by the first column, with its ratio to the reference. */
export function rankedTable(
  samples: Samples,
  columns: readonly Column[],
  reference: string,
): readonly string[] {
  const [main, ...others] = columns;
  if (main === undefined) return [];
  const titles = ['', main.title, 'ratio (quartiles)', ...others.map(({ title }) => title)];
  const rows = linesOf(samples, main.key, reference).map(({ name, value, ratio }) => [
    ours(name) ? `**${name}**` : name,
    number(value, main.digits),
    times(ratio),
    ...others.map(({ key, digits }) => number(figure(samples, name, key), digits)),
  ]);
  return markdownTable(titles, rows);
}

/** How many rounds the contestants had, for the caption. */
export function roundsOf(samples: Samples): string {
  const counts = [...samples.values()].map(rounds => rounds.size);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) return '1 round';
  return least === most ? `${least} rounds` : `${least}–${most} rounds`;
}
