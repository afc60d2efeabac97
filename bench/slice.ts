/** A stretch of load. */
export interface Slice {
  readonly job: 'get' | 'post';
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly ms: number;
}

export interface SliceResult {
  readonly requests: number;
  /** User and system time of the whole process per request: the main figure, since it holds while neighbours are busy. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssBytes: number;
}
