import type { Pace } from './pace.ts';

/** What a job found out: a part of the page, and its charts by file name. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly charts: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly pace: Pace;
  /** On the clock of `performance`: no round that would end later is begun. */
  readonly until: number;
  readonly onProgress: (text: string) => void;
}

export type Job = (bench: Bench) => Promise<Section>;
