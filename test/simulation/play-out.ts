import { type ManualClock, settlePromises } from '../support/manual-clock.ts';

/** More turns than anything here takes: a hang must not look like patience. */
const MOST_TURNS = 10_000;

/** Moves the clock on until `promise` has settled. */
export async function playOut<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  for (let turn = 0; !settled && turn < MOST_TURNS; turn++) {
    if (!(await clock.advanceToNext())) await settlePromises();
  }
  if (!settled) throw new Error('it hangs');
  return promise;
}
