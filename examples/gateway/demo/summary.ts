import type { PeakMemory } from './peak-memory.ts';
import type { Stage } from './stage.ts';
import { conclude, counted, field, mebibytes, print, seconds, title, verdict } from './terminal.ts';

/** The figures of the run, and whether it held. */
export function summarize({ checks, log, played, downloaded }: Stage, memory: PeakMemory): void {
  const { ended, attempts, retriesByReason, circuit, probes } = log;
  title('Summary');
  const failures = Map.groupBy(
    ended.filter(({ outcome }) => outcome !== 'success'),
    ({ status, code }) => String(status ?? code),
  );
  field('requests', `${played} by the client`);
  field(
    'calls',
    `${ended.length} by the gateway`,
    ...[...failures].map(([kind, { length }]) => tally(length, `failed: ${kind}`)),
  );
  field('attempts', `${attempts.length}`);
  field('retries', `${log.retries}`, ...[...retriesByReason].map(([reason, count]) => tally(count, reason)));
  field('circuit', `opened ${circuit.opened}, half-open ${circuit.tried}, closed ${circuit.closed}`);
  field('probes', `${probes.passed} passed, ${probes.failed} failed`);
  if (downloaded?.status === 200) {
    const { bytes, durationMs } = downloaded;
    const rate = mebibytes(bytes / (durationMs / 1_000));
    field('download', `${mebibytes(bytes)} in ${(durationMs / 1_000).toFixed(1)} s, ${rate}/s`);
  }
  field('memory', `${mebibytes(memory.bytes)} at the gateway's peak`);
  title('Checks');
  for (const { what, ok, found } of checks.all) verdict(ok, what, found);
  print();
  const { failed, all } = checks;
  const figures = `${all.length - failed.length} of ${counted(all.length, 'check')} in ${seconds()} s`;
  conclude(
    failed.length === 0,
    failed.length === 0 ? `It held: ${figures}.` : `It did NOT hold: ${figures}.`,
  );
}

const tally = (count: number, what: string): string =>
  `${String(count).padStart(3, '\u00a0')}\u00a0\u00a0${what}`;
