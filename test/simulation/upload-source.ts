import { Readable } from 'node:stream';
import type { Clock, Timer } from '../../src/time/clock.ts';

const CHUNKS = 3;

/** What a caller uploads, one piece every `everyMs`; a broken one fails at its second. */
export function uploadSource(clock: Clock, everyMs: number, broken: boolean): Readable {
  let count = 0;
  let timer: Timer | undefined;
  return new Readable({
    read() {
      timer = clock.setTimeout(() => {
        if (broken && count === 1) this.destroy(new Error('the source broke'));
        else this.push(count++ < CHUNKS ? Buffer.alloc(100, count) : null);
      }, everyMs);
    },
    destroy(error, done) {
      timer?.clear();
      done(error);
    },
  });
}
