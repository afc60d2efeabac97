import type { PeakMemory } from './peak-memory.ts';
import type { Stage } from './stage.ts';
import { counted, field, mebibytes, print, seconds, title, verdict } from './terminal.ts';

/** The figures of the run, and whether it held. */
export function summarize({ checks, log, played, downloaded }: Stage, memory: PeakMemory): void {
  const { ended, attempts, retriesByReason, circuit, probes } = log;
  title('Summary');
  const failed = ended.filter(({ outcome }) => outcome !== 'success').length;
  field('requests', `${played} by the client`);
  field('calls', `${ended.length} by the gateway, ${failed} of them failed`);
  field('attempts', `${attempts.length}`);
  const reasons = [...retriesByReason].map(([reason, count]) => `${String(count).padStart(3)}  ${reason}`);
  field('retries', `${log.retries}`, ...reasons);
  field('circuit', `opened ${circuit.opened}, half-open ${circuit.tried}, closed ${circuit.closed}`);
  field('probes', `${probes.passed} passed, ${probes.failed} failed`);
  if (downloaded !== undefined) {
    const { bytes, durationMs } = downloaded;
    const rate = mebibytes(bytes / (durationMs / 1_000));
    field('download', `${mebibytes(bytes)} in ${(durationMs / 1_000).toFixed(1)} s, ${rate}/s`);
  }
  field('memory', `${mebibytes(memory.bytes)} at the gateway's peak`);
  title('Checks');
  for (const { what, ok, found } of checks.all) verdict(ok, what, found);
  print();
  const held = checks.all.length - checks.failed.length;
  print(
    `${checks.failed.length === 0 ? 'held' : 'FAILED'}: ${held} of ${counted(checks.all.length, 'check')} in ${seconds()} s`,
  );
}
