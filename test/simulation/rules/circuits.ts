import type { SeenAttempt } from '../call-books.ts';
import type { TestedClient } from '../tested-client.ts';
import type { Court, Rule, SeenEvent } from './rule.ts';

interface SeenCircuit {
  state: 'closed' | 'open' | 'half-open';
  opensAgainAt: number;
  reopenings: number;
  trials: SeenAttempt[];
}

/** Nothing is sent to an open circuit, a half-open one has one trial on the wire, and open times are as promised. */
export class Circuits implements Rule {
  readonly #circuits = new Map<string, SeenCircuit>();

  event({ name, fields, client, books }: SeenEvent, court: Court): void {
    if (name === 'circuit:open') this.#opened(client, fields.endpoint, fields.retryAfterMs, court);
    else if (name === 'circuit:half-open') this.#halfOpened(client, fields.endpoint, court);
    else if (name === 'circuit:close') this.#forget(client, fields.endpoint);
    else if (name === 'endpoint:removed') this.#forget(client, fields.endpoint);
    else if (name === 'attempt:start' && books !== undefined) {
      this.#attempt(this.#of(client, fields.endpoint), books.lastAttempt!, court);
    }
  }

  settled(court: Court): void {
    for (const client of court.clients) {
      if (client.closedAt !== undefined) continue;
      for (const { url, circuit } of client.client.health().endpoints) {
        const told = this.#of(client, url).state;
        if (circuit !== 'disabled' && circuit !== told) court.violation(`${circuit}, told as ${told}`);
      }
    }
  }

  #attempt(circuit: SeenCircuit, attempt: SeenAttempt, court: Court): void {
    if (circuit.state === 'open') court.violation(`sent to ${attempt.endpoint}, whose circuit is open`);
    if (circuit.state !== 'half-open') return;
    circuit.trials = circuit.trials.filter(isUnderWay);
    if (circuit.trials.length > 0) court.violation(`a second trial at ${attempt.endpoint}`);
    circuit.trials.push(attempt);
  }

  #opened(client: TestedClient, endpoint: string, retryAfterMs: number, court: Court): void {
    const circuit = this.#of(client, endpoint);
    const { circuitBreaker } = client.options;
    if (circuit.state === 'open') court.violation('an open circuit opened');
    if (circuitBreaker === false) {
      court.violation('a circuit that is switched off opened');
      return;
    }
    circuit.reopenings = circuit.state === 'half-open' ? circuit.reopenings + 1 : 0;
    const { openMs, maxOpenMs } = circuitBreaker;
    const due = Math.min(openMs * 2 ** circuit.reopenings, Math.max(openMs, maxOpenMs));
    const jitter = circuit.reopenings === 0 ? 0 : 0.2 * due;
    if (Math.abs(retryAfterMs - due) > jitter + 1) court.violation(`opened for ${retryAfterMs} of ${due} ms`);
    circuit.state = 'open';
    // Told in whole milliseconds, rounded up.
    circuit.opensAgainAt = court.now + retryAfterMs - 1;
  }

  #halfOpened(client: TestedClient, endpoint: string, court: Court): void {
    const circuit = this.#of(client, endpoint);
    if (circuit.state !== 'open') court.violation(`a ${circuit.state} circuit became half-open`);
    if (court.now < circuit.opensAgainAt) court.violation(`the trial at ${endpoint} came early`);
    circuit.state = 'half-open';
    circuit.trials = [];
  }

  #of(client: TestedClient, endpoint: string): SeenCircuit {
    const key = `${client.index} ${endpoint}`;
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      circuit = { state: 'closed', opensAgainAt: 0, reopenings: 0, trials: [] };
      this.#circuits.set(key, circuit);
    }
    return circuit;
  }

  #forget(client: TestedClient, endpoint: string): void {
    this.#circuits.delete(`${client.index} ${endpoint}`);
  }
}

/** An error whose body nobody has read has given its verdict already. */
function isUnderWay(trial: SeenAttempt): boolean {
  return trial.endedAt === undefined || (trial.onWire > 0 && (trial.answer?.status ?? 0) < 400);
}
