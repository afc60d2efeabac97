import type { ClientEventMap, ServiceClient } from 'holdfast';
import { counted, mebibytes, row, SUBJECT_WIDTH } from './terminal.ts';

type CallEnd = ClientEventMap['call:end'];
type Retry = ClientEventMap['retry:scheduled'];

/** Shows what the client does as it happens, and keeps count. All of it comes from the client's events. */
export class CallLog {
  readonly ended: CallEnd[] = [];
  readonly retriesByReason = new Map<string, number>();
  circuit = { opened: 0, tried: 0, closed: 0 };
  probes = { passed: 0, failed: 0, failedInRow: 0 };

  constructor(youtube: ServiceClient) {
    this.#showCalls(youtube);
    this.#showCircuit(youtube);
    this.#showProbes(youtube);
  }

  /** What the gateway sent for one request of its client. */
  attemptsOf(requestId: string): CallEnd['attempts'] {
    return this.ended
      .filter(({ context }) => context.requestId === requestId)
      .flatMap(({ attempts }) => attempts);
  }

  get attempts(): CallEnd['attempts'] {
    return this.ended.flatMap(({ attempts }) => attempts);
  }

  get retries(): number {
    return [...this.retriesByReason.values()].reduce((sum, count) => sum + count, 0);
  }

  #showCalls(youtube: ServiceClient): void {
    youtube.on('retry:scheduled', retry => {
      const cause = causeOf(retry);
      const wait = WAITS[retry.source](Math.round(retry.delayMs));
      this.retriesByReason.set(cause, (this.retriesByReason.get(cause) ?? 0) + 1);
      row('again', subjectOf(retry), `#${retry.attempt}: ${cause}, ${wait}`);
    });
    youtube.on('retry:refused', retry => {
      row('note', subjectOf(retry), `#${retry.attempt}: ${causeOf(retry)}, not sent again: ${retry.refused}`);
    });
    youtube.on('call:end', call => {
      this.ended.push(call);
      const { outcome, method, status, code, attempts, durationMs } = call;
      const effort = `${Math.round(durationMs)} ms, ${counted(attempts.length, 'attempt')}`;
      row(
        outcome === 'success' ? 'good' : 'bad',
        subjectOf(call),
        `${method} ${status ?? code} in ${effort}`,
      );
    });
    youtube.on('stream:end', stream => {
      const { outcome, bytes, durationMs } = stream;
      const size = bytes < 1024 * 1024 ? counted(bytes, 'byte') : mebibytes(bytes);
      const mark = outcome === 'success' ? 'good' : 'bad';
      row(mark, subjectOf(stream), `body: ${outcome}, ${size} in ${Math.round(durationMs)} ms`);
    });
  }

  #showCircuit(youtube: ServiceClient): void {
    youtube.on('circuit:open', ({ reason, retryAfterMs }) => {
      this.circuit.opened++;
      row('change', 'circuit', `OPEN, next trial in ${retryAfterMs} ms: ${reason}`);
    });
    youtube.on('circuit:half-open', ({ reason }) => {
      this.circuit.tried++;
      row('change', 'circuit', `HALF-OPEN: ${reason}`);
    });
    youtube.on('circuit:close', ({ reason }) => {
      this.circuit.closed++;
      row('change', 'circuit', `CLOSED: ${reason}`);
    });
  }

  #showProbes(youtube: ServiceClient): void {
    youtube.on('probe:success', ({ durationMs }) => {
      const { passed, failedInRow } = this.probes;
      this.probes.passed++;
      this.probes.failedInRow = 0;
      if (passed > 0 && failedInRow === 0) return;
      row('change', 'health', `probe passes, in ${Math.round(durationMs)} ms`);
    });
    youtube.on('probe:failure', ({ reason, service, endpoint }) => {
      this.probes.failed++;
      if (this.probes.failedInRow++ > 0) return;
      row('change', 'health', `probe fails: ${causeOf({ reason, service, endpoint })}`);
    });
    // What the circuit does is told above.
    youtube.on('endpoint:unavailable', ({ reason }) => {
      if (!reason.includes('circuit')) row('change', 'health', `UNAVAILABLE: ${reason}`);
    });
    youtube.on('endpoint:available', ({ reason }) => {
      if (!reason.includes('circuit')) row('change', 'health', `AVAILABLE: ${reason}`);
    });
  }
}

const WAITS: Readonly<Record<Retry['source'], (delayMs: number) => string>> = {
  backoff: delayMs => `again in\u00a0${delayMs}\u00a0ms`,
  'retry-after': delayMs => `again in\u00a0${delayMs}\u00a0ms, as Retry-After asks`,
  immediate: () => 'again at once, on a fresh connection',
};

/** What failed, without the names of the service and its endpoint: there is one of each. */
function causeOf({
  reason,
  service,
  endpoint,
}: {
  reason: string;
  service?: string;
  endpoint: string;
}): string {
  return [' to ', ' from ', ' with ']
    .reduce((text, link) => text.replace(link + endpoint, ''), reason)
    .replace(`${service}: `, '');
}

/** A request id as it fits a column: those of the demo do, a UUID does not. */
function subjectOf({ context }: Pick<CallEnd, 'context'>): string {
  return String(context.requestId ?? '-').slice(0, SUBJECT_WIDTH);
}
