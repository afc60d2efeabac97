import { short, svg, text, WIDTH } from './chart.ts';
import type { Line } from './figures.ts';
import { ours } from './table.ts';

/** Bars under a title of their own. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Pick<Line, 'name' | 'value' | 'ratio'>[];
}

const [LEFT, RIGHT, BAR, GAP, HEAD] = [280, 150, 16, 7, 40];

/** Horizontal bars, least first, holdfast's stand out; the thin line is the quartiles of the ratio, drawn around the bar's end. */
export function barChart(title: string, panels: readonly Panel[]): string {
  const parts: string[] = [];
  let y = 14;
  for (const panel of panels) {
    parts.push(...bars(panel, y));
    y += HEAD + panel.lines.length * (BAR + GAP) + 8;
  }
  return svg(y + 6, title, parts);
}

function* bars({ title, unit, lines }: Panel, top: number): Generator<string> {
  const drawn = lines.filter(({ value }) => Number.isFinite(value));
  const most = Math.max(
    ...drawn.map(({ value, ratio }) => value * Math.max(1, ratio.high / ratio.middle || 1)),
  );
  const scale = (WIDTH - LEFT - RIGHT) / most;
  yield text(20, top + 18, title, 'ink title');
  yield text(WIDTH - 20, top + 18, unit, 'soft', 'end');
  for (const [index, { name, value, ratio }] of drawn.entries()) {
    const y = top + HEAD + index * (BAR + GAP);
    const length = Math.max(1, value * scale);
    yield text(LEFT - 10, y + 12, name, ours(name) ? 'ink strong' : 'ink', 'end');
    yield `<rect class="${ours(name) ? 'ours' : 'theirs'}" x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`;
    const [low, high] = [ratio.low, ratio.high].map(edge => LEFT + length * (edge / ratio.middle || 1)) as [
      number,
      number,
    ];
    if (high - low > 1)
      yield `<line class="whisker" x1="${low.toFixed(1)}" x2="${high.toFixed(1)}" y1="${y + BAR / 2}" y2="${y + BAR / 2}"/>`;
    const label = Number.isFinite(ratio.middle)
      ? `${short(value)} · ${ratio.middle.toFixed(2)}×`
      : short(value);
    yield text(Math.max(LEFT + length, high) + 8, y + 12, label, 'soft');
  }
}
