import type { Cancellation } from './cancellation.ts';

/**
 * Waits for code that is not ours, but no longer than the call does: rejects with the reason when cancelled.
 * What it comes up with afterwards goes to `late`.
 */
export function cancellable<T>(
  promise: Promise<T>,
  cancellation: Cancellation,
  late?: (value: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onCancel = (reason: unknown) => reject(reason);
    cancellation.onCancel(onCancel);
    promise.then(
      value => {
        cancellation.offCancel(onCancel);
        if (cancellation.cancelled) late?.(value);
        resolve(value);
      },
      (error: unknown) => {
        cancellation.offCancel(onCancel);
        reject(error);
      },
    );
  });
}
