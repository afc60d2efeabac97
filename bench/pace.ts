/** How thorough a run is: what every figure of a full run becomes in a shorter one. */
export interface Pace {
  readonly name: 'full' | 'quick' | 'smoke';
  rounds(full: number): number;
  /** Length of a measured slice, and of the warm-up right before it. */
  sliceMs(full: number): number;
  /** Load before anything is counted: got takes seconds until it is warm. */
  warmUpMs(full: number): number;
  /** For all jobs together: each has its share of it, and its rounds end with that. */
  readonly seconds: number;
  /** Clients, streams, bytes. */
  count(full: number): number;
  /** Calls at a time. */
  concurrency(full: number): number;
  names(all: readonly string[], few: readonly string[]): readonly string[];
}

export const PACES: Readonly<Record<Pace['name'], Pace>> = {
  full: {
    name: 'full',
    rounds: full => full,
    sliceMs: full => full,
    warmUpMs: full => full,
    seconds: 545,
    count: full => full,
    concurrency: full => full,
    names: all => all,
  },
  quick: {
    name: 'quick',
    rounds: full => Math.min(3, full),
    sliceMs: full => Math.ceil(full / 2),
    warmUpMs: full => Math.ceil(full / 6),
    seconds: 37,
    count: full => Math.ceil(full / 32),
    concurrency: full => Math.min(1_000, full),
    names: (all, few) => all.filter(name => few.includes(name)),
  },
  smoke: {
    name: 'smoke',
    rounds: () => 1,
    sliceMs: () => 5,
    warmUpMs: () => 0,
    seconds: Number.POSITIVE_INFINITY,
    count: full => Math.ceil(full / 1_000),
    concurrency: full => Math.ceil(full / 250),
    names: all => all,
  },
};
