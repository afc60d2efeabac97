/** What a request goes out on. */
export type Connection = 'new' | 'kept' | 'stale';

/** The idle connections to one server. A stale one looks like any other. */
export class Connections {
  #kept = 0;
  #stale = 0;

  take(fresh: boolean): Connection {
    if (!fresh && this.#stale > 0) {
      this.#stale--;
      return 'stale';
    }
    if (fresh || this.#kept === 0) return 'new';
    this.#kept--;
    return 'kept';
  }

  give(): void {
    this.#kept++;
  }

  /** The server has closed them, and the client will see it at its next use. */
  closeIdle(): void {
    this.#stale += this.#kept;
    this.#kept = 0;
  }

  /** All is well again: nothing is left of what was closed. */
  forgetStale(): void {
    this.#stale = 0;
  }
}
