import type { Seen } from '../service/breakable-service.ts';
import { LARGEST_MEMORY_BYTES, type PeakMemory } from './peak-memory.ts';
import type { Stage } from './stage.ts';
import { counted, mebibytes } from './terminal.ts';

/** The client's decision log against what the service saw itself. */
export function judgeCounts({ checks, log }: Stage, seen: readonly Seen[]): void {
  const answered = seen.filter(({ status }) => status !== undefined).length;
  const claimed = log.attempts.filter(({ outcome }) => outcome === 'response').length;
  const found = `${answered} answers sent by the service, ${claimed} in the gateway's logs`;
  checks.expect('the decision logs tell what happened', answered === claimed, found);
}

/** What must hold of every run. */
export function judgeRun(
  { checks, played, surprises }: Stage,
  memory: PeakMemory,
  ended: readonly boolean[],
): void {
  const answers =
    surprises.length === 0 ? `${counted(played, 'request')} of the client` : surprises.join('; ');
  checks.expect('every request is answered as expected', surprises.length === 0, answers);
  const bounded = memory.bytes < LARGEST_MEMORY_BYTES;
  checks.expect(
    "the gateway's memory stays small",
    bounded,
    `${mebibytes(memory.bytes)} at its peak, Node included, of at most ${mebibytes(LARGEST_MEMORY_BYTES)}`,
  );
  const left = ended.filter(byItself => !byItself).length;
  checks.expect('every process ends by itself', left === 0, left === 0 ? 'all did' : `${left} did not`);
}
