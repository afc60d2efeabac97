import type { OutgoingHeaders } from './hop-by-hop-headers.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const RANDOM_CHARACTERS = 8;

/** The name under which a client shows up in `Via`: the one given, else one of its own. `false` for none. */
export function viaPseudonym(option: string | false | undefined, random: () => number): string | false {
  if (option !== undefined) return option;
  let name = 'holdfast-';
  for (let index = 0; index < RANDOM_CHARACTERS; index++) {
    name += ALPHABET[Math.floor(random() * ALPHABET.length)];
  }
  return name;
}

/** Adds this client to `Via`. */
export function appendVia(headers: OutgoingHeaders, httpVersion: string, pseudonym: string | false): void {
  if (pseudonym === false) return;
  const before = headers.via;
  const own = `${httpVersion} ${pseudonym}`;
  headers.via = before === undefined ? own : `${before}, ${own}`;
}

/** Whether a message has already passed through here. */
export function hasPassed(via: string | readonly string[] | undefined, pseudonym: string | false): boolean {
  if (via === undefined || pseudonym === false) return false;
  const line = String(via).toLowerCase();
  const name = pseudonym.toLowerCase();
  // Nearly always the name is nowhere in it.
  return (
    line.includes(name) &&
    withoutComments(line)
      .split(',')
      .some(hop => receivedBy(hop) === name)
  );
}

/** The second word of `1.1 name`, `HTTP/1.1 host:8080`. */
function receivedBy(hop: string): string | undefined {
  return hop.trim().split(/\s+/)[1];
}

/**
 * Takes out comments in parentheses, which may nest and hold commas.
 * A parenthesis that is never closed opens no comment, or a client could hide all later hops behind it and get a loop going.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.3
 */
function withoutComments(line: string): string {
  let kept = '';
  let keptTo = 0;
  for (const { start, end } of comments(line)) {
    kept += line.slice(keptTo, start);
    keptTo = end;
  }
  return kept + line.slice(keptTo);
}

/** Where the outermost comments are, in order. */
function comments(line: string): { start: number; end: number }[] {
  const open: number[] = [];
  const found: { start: number; end: number }[] = [];
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '\\' && open.length > 0) at++;
    else if (character === '(') open.push(at);
    else if (character === ')') {
      const start = open.pop();
      if (start === undefined) continue;
      while ((found.at(-1)?.start ?? -1) > start) found.pop();
      found.push({ start, end: at + 1 });
    }
  }
  return found;
}
