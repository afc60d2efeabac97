/** What a picker may know of an endpoint. */
export interface EndpointView {
  /** Origin plus base path, without trailing slash. */
  readonly url: string;
  /** The endpoint's weight, 1 by default. */
  readonly weight: number;
  /** Attempts on the wire now. */
  readonly inFlight: number;
  /** Latency in milliseconds (peak-EWMA), once there has been traffic. */
  readonly latencyMs?: number | undefined;
}

/** Chooses the endpoint of an attempt. */
export interface EndpointPicker {
  /** Returns one of `candidates`, or `undefined` to refuse them all (the attempt then fails with `NoEndpointError`). */
  pick(candidates: readonly EndpointView[]): EndpointView | undefined;
}
