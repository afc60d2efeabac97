import { Cancellation } from './cancellation.ts';

/** A cancellation of its own that also follows `parent`, until detached. */
export function childCancellation(parent: Cancellation): { cancellation: Cancellation; detach: () => void } {
  const cancellation = new Cancellation();
  const follow = (reason: unknown) => cancellation.cancel(reason);
  parent.onCancel(follow);
  return { cancellation, detach: () => parent.offCancel(follow) };
}
