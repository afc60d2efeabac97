/** Stops sending to an endpoint that keeps failing, and tries it again after a while. One circuit per endpoint. */
export interface CircuitBreakerOptions {
  /**
   * Opens the circuit when at least this share of the completed attempts in the window failed. Above 0, up to 1.
   * @defaultValue 0.5
   */
  failureRatio?: number | undefined;
  /**
   * Keeps the circuit closed until the window holds this many completed attempts. A whole number, at least 1.
   * @defaultValue 20
   */
  minThroughput?: number | undefined;
  /**
   * How far back attempts are counted, in milliseconds, above 0. Must be at least twice `timeout.attemptMs`, or slow failures
   * would leave the window before they can add up.
   * @defaultValue 30000
   */
  windowMs?: number | undefined;
  /**
   * How long the circuit stays open before one trial is let through, in milliseconds, above 0 and up to 2147483647. Doubles with
   * each re-opening, up to `maxOpenMs`, with 20 % jitter either way.
   * @defaultValue 5000
   */
  openMs?: number | undefined;
  /**
   * Caps the open time, in milliseconds, above 0 and up to 2147483647.
   * @defaultValue 60000
   */
  maxOpenMs?: number | undefined;
}
