import type { Cancellation } from './cancellation.ts';
import type { Clock } from './clock.ts';

/** Waits `ms` milliseconds; rejects with the reason as soon as it is cancelled. */
export function wait(ms: number, clock: Clock, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const onCancel = (reason: unknown) => {
      timer.clear();
      reject(reason);
    };
    const timer = clock.setTimeout(() => {
      cancellation.offCancel(onCancel);
      resolve();
    }, ms);
    cancellation.onCancel(onCancel);
  });
}
