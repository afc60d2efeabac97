import { cpus, totalmem } from 'node:os';
import { REFERENCE } from './contestants/all.ts';
import { type Results, sliceKey } from './race.ts';
import type { Slice, SliceResult } from './slice.ts';
import { median, quantile } from './statistics.ts';

/** One line of a table. */
export interface Line {
  readonly name: string;
  readonly cpuUs: number;
  /** To the reference, of the same round: median and quartiles. */
  readonly ratio: readonly [low: number, median: number, high: number];
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Kind = Pick<Slice, 'job' | 'concurrency'>;

/** The lines of one kind of slice, cheapest first. */
export function linesOf(results: Results, names: readonly string[], kind: Kind): Line[] {
  const reference = results.get(sliceKey(REFERENCE, kind)) ?? [];
  const lines = names.map(name => lineOf(name, results.get(sliceKey(name, kind)) ?? [], reference));
  return lines.sort((a, b) => a.cpuUs - b.cpuUs);
}

function lineOf(name: string, rounds: readonly SliceResult[], reference: readonly SliceResult[]): Line {
  const ratios = rounds.map(({ cpuUs }, round) => cpuUs / (reference[round]?.cpuUs ?? Number.NaN));
  const of = (pick: (result: SliceResult) => number) => median(rounds.map(pick));
  return {
    name,
    cpuUs: of(({ cpuUs }) => cpuUs),
    ratio: [quantile(ratios, 0.25), median(ratios), quantile(ratios, 0.75)],
    perSecond: of(({ perSecond }) => perSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
  };
}

export function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `Node ${process.versions.node}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${gib} GiB`;
}

export function markdownTable(title: string, lines: readonly Line[]): string {
  const rows = lines.map(({ name, cpuUs, ratio, perSecond, p50Ms, p99Ms }) => {
    const [low, middle, high] = ratio.map(value => value.toFixed(2));
    const cells = [
      name,
      cpuUs.toFixed(0),
      `**${middle}** (${low}–${high})`,
      perSecond.toFixed(0),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = [
    '| | CPU µs/request | ratio (quartiles) | requests/s | p50 ms | p99 ms |',
    '|---|---|---|---|---|---|',
  ];
  return [`### ${title}`, '', ...head, ...rows, ''].join('\n');
}

/** A bar chart of CPU time per request. */
export function svgChart(title: string, lines: readonly Line[]): string {
  const [barHeight, gap, left, width] = [18, 8, 250, 420];
  const most = Math.max(...lines.map(({ cpuUs }) => cpuUs));
  const bars = lines.map(({ name, cpuUs, ratio }, index) => {
    const y = 40 + index * (barHeight + gap);
    const length = Math.max(1, (cpuUs / most) * width);
    const fill = name.startsWith('holdfast') ? '#2563eb' : '#94a3b8';
    return (
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${name}</text>` +
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="${fill}"/>` +
      `<text x="${left + length + 6}" y="${y + 13}">${cpuUs.toFixed(0)} µs · ${ratio[1].toFixed(2)}×</text>`
    );
  });
  const height = 50 + lines.length * (barHeight + gap);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 130} ${height}" font-family="system-ui, sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="#fff"/><text x="${left}" y="22" font-size="14" font-weight="600">${title}</text>` +
    `${bars.join('')}</svg>\n`
  );
}
