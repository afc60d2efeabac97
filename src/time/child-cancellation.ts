import { Cancellation } from './cancellation.ts';

/** A cancellation of its own that also follows its parent, until detached. */
export class ChildCancellation extends Cancellation {
  readonly #parent: Cancellation;
  readonly #follow = (reason: unknown): void => this.cancel(reason);

  constructor(parent: Cancellation) {
    super();
    this.#parent = parent;
    parent.onCancel(this.#follow);
  }

  detach(): void {
    this.#parent.offCancel(this.#follow);
  }
}
