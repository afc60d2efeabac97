import { styleText } from 'node:util';

const WIDTH = 80;
/** Of the column that says whom a row is about. */
export const SUBJECT_WIDTH = 11;
/** Where the text of a row begins. */
const TEXT_COLUMN = SUBJECT_WIDTH + 11;
const BAR_WIDTH = 30;
/** Without a terminal to redraw on, a bar becomes a line for each of these shares. */
const PLAIN_STEP = 0.25;

const MARKS = {
  good: styleText('green', '✓'),
  bad: styleText('red', '✗'),
  again: styleText('yellow', '↻'),
  change: styleText('magenta', '●'),
  note: styleText('dim', '·'),
};

export type Mark = keyof typeof MARKS;

const startedAt = performance.now();
let bar = '';
let plainShare = 0;

// Whoever reads along may leave early, as `head` does: nobody is left to tell.
process.stdout.on('error', () => process.exit(1));

/** One line above the progress bar, if there is one. */
export function print(line = ''): void {
  const redraw = bar === '' ? '' : bar;
  process.stdout.write(`${redraw === '' ? '' : '\r\x1b[2K'}${line}\n${redraw}`);
}

export function title(text: string): void {
  print(`\n${styleText('bold', text)}`);
}

/** What is going to be broken, and what to look out for. */
export function phase(number: number, text: string, watch: string): void {
  print(`\n${styleText(['bold', 'cyan'], `${number}  ${text}`)}`);
  for (const line of wrap(`watch: ${watch}`, WIDTH - 3)) print(`   ${styleText('dim', line)}`);
}

/** Something that happened now, to whom, and what. */
export function row(mark: Mark, subject: string, text: string): void {
  const time = styleText('dim', seconds().padStart(6));
  const start = `${time}  ${MARKS[mark]} ${subject.padEnd(SUBJECT_WIDTH)} `;
  const [first = '', ...rest] = wrap(text, WIDTH - TEXT_COLUMN);
  print(start + first);
  for (const line of rest) print(' '.repeat(TEXT_COLUMN) + line);
}

/** A line of a table: a label and its values, one below the other. */
export function field(label: string, ...values: readonly string[]): void {
  const lines = values.flatMap(value => wrap(value, WIDTH - 13));
  for (const [index, line] of lines.entries()) {
    print(`  ${styleText('dim', (index === 0 ? label : '').padEnd(10))} ${line}`);
  }
}

export function verdict(ok: boolean, what: string, found: string): void {
  const [first = '', ...rest] = wrap(what, WIDTH - 4);
  print(`  ${MARKS[ok ? 'good' : 'bad']} ${first}`);
  for (const line of rest) print(`    ${line}`);
  for (const line of wrap(found, WIDTH - 6)) print(`      ${styleText(ok ? 'dim' : 'red', line)}`);
}

/** The last line of a run. */
export function conclude(ok: boolean, text: string): void {
  print(styleText(['bold', ok ? 'green' : 'red'], text));
}

/** Draws the bar anew in a terminal; elsewhere says a line at each quarter. */
export function progress(share: number, text: string): void {
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  if (process.stdout.isTTY) {
    const full = Math.round(share * BAR_WIDTH);
    bar = `  ${styleText('green', '█'.repeat(full))}${styleText('dim', '░'.repeat(BAR_WIDTH - full))}${percent}  ${text}`;
    process.stdout.write(`\r\x1b[2K${bar}`);
  } else if (share >= plainShare) {
    row('note', 'progress', `${percent.trim()}  ${text}`);
    plainShare = Math.floor(share / PLAIN_STEP + 1) * PLAIN_STEP;
  }
}

export function endProgress(): void {
  if (bar !== '') process.stdout.write('\n');
  bar = '';
  plainShare = 0;
}

export const seconds = (): string => ((performance.now() - startedAt) / 1_000).toFixed(2);

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A no-break space keeps what belongs together on one line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').map(part => part.replaceAll('\u00a0', ' '))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
