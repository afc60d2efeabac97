/** What charts share: a card of its own, so that it reads on light and dark pages alike. */
export const STYLE = `<style>
.card{fill:#ffffff;stroke:#cbd5e1}.ink{fill:#0f172a}.soft{fill:#475569}.grid{stroke:#e2e8f0}.whisker{stroke:#0f172a}
.ours{fill:#2563eb}.theirs{fill:#94a3b8}.title{font-weight:600;font-size:14px}.strong{font-weight:600}
text{font-family:system-ui,'Segoe UI','DejaVu Sans',sans-serif;font-size:12px}
@media (prefers-color-scheme:dark){.card{fill:#0f172a;stroke:#334155}.ink{fill:#f1f5f9}.soft{fill:#cbd5e1}.grid{stroke:#334155}
.whisker{stroke:#f1f5f9}.ours{fill:#60a5fa}.theirs{fill:#64748b}}
</style>`;

export const WIDTH = 820;

export const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export function text(x: number, y: number, content: string, classes = 'ink', anchor = 'start'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${classes}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

export function svg(height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Digits that tell something at this size. */
export const short = (value: number) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
