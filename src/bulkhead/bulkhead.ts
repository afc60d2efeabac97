import { OverloadedError } from '../errors/overloaded-error.ts';
import type { Cancellation } from '../time/cancellation.ts';

export interface BulkheadLimits {
  /** Calls that may run at once. */
  readonly maxConcurrent: number;
  /** Calls that may wait for that. */
  readonly maxQueued: number;
}

/** A call in the queue, linked to its neighbours so that one that leaves early costs nothing. */
interface Waiter {
  readonly enter: () => void;
  readonly refuse: (reason: unknown) => void;
  previous: Waiter | undefined;
  next: Waiter | undefined;
}

/** Limits how many calls run at once; the others wait in order, up to a limit of their own. */
export class Bulkhead {
  readonly #service: string;
  readonly #limits: BulkheadLimits;
  #inFlight = 0;
  #queued = 0;
  #first: Waiter | undefined;
  #last: Waiter | undefined;

  constructor(service: string, limits: BulkheadLimits) {
    this.#service = service;
    this.#limits = limits;
  }

  /** Calls that hold a slot. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls that wait for one. */
  get queued(): number {
    return this.#queued;
  }

  /** Whoever came now would have to wait, or be refused. */
  get isFull(): boolean {
    return this.#inFlight >= this.#limits.maxConcurrent;
  }

  /**
   * Takes a slot: at once (`undefined`), or by a promise when it has to wait. Whoever got in must `leave()` once.
   * The promise rejects with the reason of the cancellation.
   * @throws OverloadedError at once when the queue is full too.
   */
  enter(cancellation: Cancellation): Promise<void> | undefined {
    const { maxQueued } = this.#limits;
    if (!this.isFull) {
      this.#inFlight++;
      return undefined;
    }
    if (this.#queued >= maxQueued) throw new OverloadedError({ service: this.#service, ...this.#limits });
    return new Promise((resolve, reject) => {
      const onCancel = (reason: unknown) => waiter.refuse(reason);
      const waiter = this.#append(
        () => {
          cancellation.offCancel(onCancel);
          resolve();
        },
        reason => {
          cancellation.offCancel(onCancel);
          this.#remove(waiter);
          reject(reason);
        },
      );
      cancellation.onCancel(onCancel);
    });
  }

  /** Gives a slot back, to the one that has waited longest if there is one. */
  leave(): void {
    const next = this.#first;
    if (next === undefined) {
      this.#inFlight--;
    } else {
      this.#remove(next);
      next.enter();
    }
  }

  /** Rejects everybody in the queue. */
  close(reason: unknown): void {
    while (this.#first !== undefined) this.#first.refuse(reason);
  }

  #append(enter: () => void, refuse: (reason: unknown) => void): Waiter {
    const waiter: Waiter = { enter, refuse, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#queued++;
    return waiter;
  }

  #remove({ previous, next }: Waiter): void {
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    this.#queued--;
  }
}
