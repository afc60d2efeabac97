/** Bounds the memory a response may take, counted on decoded bytes of buffered bodies. Streams are not limited. */
export interface LimitsOptions {
  /**
   * Ends a call with `BodyTooLargeError` when its body is larger, in bytes; `false` for no limit. The default is 10 MiB.
   * @defaultValue 10485760
   */
  maxResponseBytes?: number | false | undefined;
  /**
   * Keeps at most this much of the body of a failing status, in bytes, and drops the rest. The default is 64 KiB.
   * @defaultValue 65536
   */
  maxErrorBodyBytes?: number | undefined;
}

/** Bounds the calls in flight, so that one slow service cannot take all memory. */
export interface BulkheadOptions {
  /**
   * Calls in flight at once; a stream counts until its body ends. A whole number, at least 1.
   * @defaultValue 1000
   */
  maxConcurrent?: number | undefined;
  /**
   * Calls that may wait for a slot; further ones fail with `OverloadedError`. A whole number, at least 0.
   * @defaultValue 0
   */
  maxQueued?: number | undefined;
}
