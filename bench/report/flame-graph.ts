import type { Frame } from './call-tree.ts';
import { escaped } from './chart.ts';

const [WIDTH, ROW, TOP] = [1_200, 17, 64];
/** Narrower ones cannot be seen. */
const LEAST_PX = 0.6;
const PX_PER_LETTER = 6.6;

const COLORS: Readonly<Record<string, string>> = {
  holdfast: '#3b82f6',
  got: '#f59e0b',
  undici: '#10b981',
  'garbage collection': '#ef4444',
  'native code, system calls': '#94a3b8',
  'the bench itself': '#cbd5e1',
};
const NODE = '#a78bfa';
const OTHERS = '#fb923c';

const colorOf = (group: string) => COLORS[group] ?? (group.startsWith('node:') ? NODE : OTHERS);

interface Placed {
  readonly frame: Frame;
  readonly x: number;
  readonly depth: number;
}

/** Callees hang under their callers; the width of a frame is its time. Hovering tells name, place and share. */
export function flameGraph(title: string, root: Frame): string {
  const scale = (WIDTH - 20) / root.totalUs;
  const placed = [...place(root.callees, 10, 0, scale)];
  const depth = Math.max(...placed.map(one => one.depth));
  const height = TOP + (depth + 1) * ROW + 14;
  const frames = placed.map(({ frame, x, depth }) => {
    const width = frame.totalUs * scale;
    const y = TOP + depth * ROW;
    const share = ((100 * frame.totalUs) / root.totalUs).toFixed(1);
    const about = [frame.name, frame.file || frame.group, `${share} %`].join(' · ');
    const letters = Math.floor((width - 4) / PX_PER_LETTER);
    const shown = frame.name.length > letters ? `${frame.name.slice(0, letters - 1)}…` : frame.name;
    const label = letters > 3 ? `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(shown)}</text>` : '';
    return `<g><title>${escaped(about)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.4, width - 0.4).toFixed(1)}" height="${ROW - 1}" fill="${colorOf(frame.group)}"/>${label}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="'DejaVu Sans Mono',ui-monospace,monospace" font-size="11" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#fff"/>`,
    `<text x="10" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`,
    legend(),
    ...frames,
    '</svg>',
    '',
  ].join('\n');
}

function* place(frames: readonly Frame[], x: number, depth: number, scale: number): Generator<Placed> {
  let at = x;
  for (const frame of [...frames].sort((a, b) => b.totalUs - a.totalUs)) {
    const width = frame.totalUs * scale;
    if (width < LEAST_PX) break;
    yield { frame, x: at, depth };
    yield* place(frame.callees, at, depth + 1, scale);
    at += width;
  }
}

function legend(): string {
  let x = 10;
  return Object.entries({ ...COLORS, node: NODE, 'other packages': OTHERS })
    .map(([group, color]) => {
      const at = x;
      x += 30 + group.length * PX_PER_LETTER;
      return `<rect x="${at}" y="38" width="12" height="12" fill="${color}"/><text x="${at + 16}" y="48">${group}</text>`;
    })
    .join('');
}
