/** Waits for a condition by being told of changes: no polling, no sleeping. */
export class Watchers {
  #waiting: (() => void)[] = [];

  /** Something changed: every waiting condition is looked at again. */
  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves as soon as `check` holds. */
  async until(check: () => boolean): Promise<void> {
    while (!check()) await new Promise<void>(resolve => this.#waiting.push(resolve));
  }
}
