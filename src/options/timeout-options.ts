/**
 * Limits how long a call may take. Each of the four may be `false` for no limit; `connectMs <= attemptMs <= totalMs`
 * must hold between those that you set, and one left to its default gives way.
 */
export interface TimeoutOptions {
  /**
   * Ends the whole call with `TimeoutError` (scope `total`): queueing, waiting for a socket, attempts and the waits between
   * them. For streams, up to the response head. Milliseconds, above 0 and up to 2147483647.
   * @defaultValue 30000
   */
  totalMs?: number | false | undefined;
  /**
   * Ends one attempt with `TimeoutError` (scope `attempt`), counted from the moment it has a socket to the end of a buffered
   * body. For streams, up to the response head. Milliseconds, above 0 and up to 2147483647.
   * @defaultValue 8000
   */
  attemptMs?: number | false | undefined;
  /**
   * Ends name lookup, TCP and TLS handshake with `TimeoutError` (scope `connect`); such an attempt was never sent, so any method
   * may be resent. Milliseconds, above 0 and up to 2147483647.
   * @defaultValue 2000
   */
  connectMs?: number | false | undefined;
  /**
   * Ends a body with `TimeoutError` (scope `idle`) when the upstream is silent for this long between two chunks, or takes nothing
   * of a streamed upload. Never fires while your own consumer is the slow one. Milliseconds, above 0 and up to 2147483647.
   * @defaultValue 30000
   */
  idleMs?: number | false | undefined;
}
