import { short, svg, text, WIDTH } from './chart.ts';
import { ours } from './table.ts';

export interface Series {
  readonly name: string;
  /** Both axes are logarithmic. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

const [LEFT, RIGHT, TOP, HEIGHT] = [70, 210, 60, 260];
const DASHES = ['', '6 4', '2 3', '8 3 2 3', '1 4', '12 4'];

/** Lines over a count that grows. */
export function lineChart(title: string, xUnit: string, yUnit: string, series: readonly Series[]): string {
  const points = series.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y) && y > 0);
  const ticks = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const x = axis(ticks, LEFT, WIDTH - RIGHT);
  const ys = points.map(([, value]) => value);
  const [least, most] = [Math.min(...ys) / 1.15, Math.max(...ys) * 1.15];
  const y = axis([least, most], TOP + HEIGHT, TOP);
  const parts = [text(20, 32, title, 'ink title'), text(20, 50, yUnit, 'soft')];
  for (const value of roundValues(least, most)) {
    parts.push(
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>`,
      text(LEFT - 8, y(value) + 4, String(value), 'soft', 'end'),
    );
  }
  for (const tick of ticks)
    parts.push(text(x(tick), TOP + HEIGHT + 20, tick.toLocaleString('en'), 'soft', 'middle'));
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 40, xUnit, 'soft', 'middle'));

  const labels: { name: string; at: number; value: number }[] = [];
  for (const [index, { name, points }] of series.entries()) {
    const path = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`);
    // Both are seen on the light and on the dark card.
    const color = ours(name) ? '#3b82f6' : '#7c8ba1';
    const dashes = DASHES[index % DASHES.length];
    parts.push(
      `<polyline fill="none" stroke="${color}" stroke-width="${ours(name) ? 3 : 1.5}" stroke-dasharray="${ours(name) ? '' : dashes}" points="${path.join(' ')}"/>`,
      ...path.map(point => `<circle fill="${color}" r="3" cx="${point.replace(',', '" cy="')}"/>`),
    );
    const [, last] = points.at(-1) ?? [0, Number.NaN];
    if (Number.isFinite(last)) labels.push({ name, at: y(last), value: last });
  }
  // Names stand at the ends of their lines, pushed apart where they would overlap.
  let free = 0;
  for (const { name, at, value } of labels.sort((a, b) => a.at - b.at)) {
    const line = Math.max(at + 4, free);
    free = line + 15;
    parts.push(text(WIDTH - RIGHT + 8, line, `${name} ${short(value)}`, ours(name) ? 'ink strong' : 'soft'));
  }
  return svg(TOP + HEIGHT + 56, title, parts);
}

function axis(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return value => from + ((Math.log(value) - low) / (high - low || 1)) * (to - from);
}

/** 1, 2 and 5 times a power of ten. */
function roundValues(least: number, most: number): number[] {
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
    values.push(...[1, 2, 5].map(step => Number((step * 10 ** power).toPrecision(1))));
  }
  return values.filter(value => value >= least && value <= most);
}
