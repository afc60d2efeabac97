import { row } from './terminal.ts';

export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen. */
  readonly found: string;
}

/** What the demo claims, each with what was found: it proves itself, or fails. */
export class Checks {
  readonly all: Check[] = [];

  expect(what: string, ok: boolean, found: string): void {
    this.all.push({ what, ok, found });
    if (!ok) row('bad', 'CHECK', `${what}: ${found}`);
  }

  get failed(): readonly Check[] {
    return this.all.filter(({ ok }) => !ok);
  }
}
