/** Where a circuit stands. */
export type CircuitState =
  /** `circuitBreaker: false`: every attempt is let through, nothing is counted. */
  | { readonly kind: 'disabled' }
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open';
      /** When a trial may be made, on the monotonic clock. */
      readonly until: number;
      /** Times it opened again after a failed trial. */
      readonly reopenings: number;
    }
  | { readonly kind: 'half-open'; readonly trialInFlight: boolean; readonly reopenings: number };
