/** The part of opossum 10 that we use; the package ships no types. */
declare module 'opossum' {
  interface Bucket {
    readonly fires: number;
    readonly failures: number;
    latencyTimes: { push(latencyMs: number): void };
    percentiles: object;
  }

  /** What opossum asks of its emitter. */
  interface RotateBucketController {
    on(event: 'rotate', listener: () => void): unknown;
    removeListener(event: 'rotate', listener: () => void): unknown;
    listenerCount(event: 'rotate', listener: () => void): number;
  }

  interface Options {
    name: string;
    timeout: number | false;
    errorThresholdPercentage: number;
    volumeThreshold: number;
    rollingCountTimeout: number;
    rollingCountBuckets: number;
    rollingPercentilesEnabled: boolean;
    enableSnapshots: boolean;
    rotateBucketController: RotateBucketController;
    resetTimeout: number;
  }

  class CircuitBreaker<Args extends unknown[]> {
    constructor(
      action: (
        ...args: Args
      ) => PromiseLike<unknown> | { then(onFulfilled: (value: undefined) => void): unknown },
      options: Partial<Options>,
    );
    readonly opened: boolean;
    /** The buckets, the current one first. */
    readonly status: { readonly window: readonly Bucket[] };
    fire(...args: Args): Promise<unknown>;
    open(): void;
    shutdown(): void;
  }

  export = CircuitBreaker;
}
