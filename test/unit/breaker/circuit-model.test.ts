import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Permit } from '../../../src/breaker/permit.ts';
import { circuitOnBench } from './circuit-bench.ts';

const options = { failureRatio: 0.5, minThroughput: 3, windowMs: 1_000, openMs: 100, maxOpenMs: 350 };

type Verdict = keyof Permit;
type Command = { take: true } | { settle: number; verdict: Verdict } | { advanceMs: number };

/** What a circuit is supposed to do, without opossum and without a thought for speed. */
class Model {
  now = 0;
  kind: 'closed' | 'open' | 'half-open' = 'closed';
  epoch = 0;
  until = 0;
  openMs = options.openMs;
  trial = false;
  outcomes: { failed: boolean; expires: number }[] = [];
  anchor = 0;

  take(): number | undefined {
    if (this.kind === 'open' && this.now >= this.until) this.enter('half-open');
    if (this.kind === 'open' || this.trial) return undefined;
    this.trial = this.kind === 'half-open';
    return this.epoch;
  }

  settle(epoch: number, verdict: Verdict): void {
    if (epoch !== this.epoch) return;
    if (this.kind === 'half-open') {
      this.trial = false;
      if (verdict === 'success') this.enter('closed');
      if (verdict === 'failure') this.open(Math.min(this.openMs * 2, options.maxOpenMs));
    } else if (verdict !== 'neutral') this.count(verdict === 'failure');
  }

  count(failed: boolean): void {
    this.outcomes = this.outcomes.filter(({ expires }) => expires > this.now);
    if (this.outcomes.length === 0) this.anchor = this.now;
    const width = options.windowMs / 10;
    const bucket = Math.floor((this.now - this.anchor) / width);
    this.outcomes.push({ failed, expires: this.anchor + (bucket + 10) * width });
    const failures = this.outcomes.filter(outcome => outcome.failed).length;
    if (this.outcomes.length < options.minThroughput || failures === 0) return;
    if (failures / this.outcomes.length >= options.failureRatio) this.open(options.openMs);
  }

  open(openMs: number): void {
    this.enter('open');
    this.openMs = openMs;
    this.until = this.now + openMs;
  }

  enter(kind: Model['kind']): void {
    this.kind = kind;
    this.epoch++;
    this.outcomes = [];
  }
}

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Command>({ take: true }) },
  {
    weight: 6,
    arbitrary: fc.record({
      settle: fc.nat(5),
      verdict: fc.constantFrom<Verdict>('success', 'failure', 'failure', 'neutral'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ advanceMs: fc.integer({ min: 1, max: 450 }) }) },
);

test('behaves like a model of thirty lines under random commands', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), commands => {
      const { circuit, clock } = circuitOnBench(options);
      const model = new Model();
      const held: { permit: Permit; epoch: number }[] = [];
      for (const step of commands) {
        if ('take' in step) {
          const permit = circuit.acquire();
          const epoch = model.take();
          expect(permit !== undefined).toBe(epoch !== undefined);
          if (permit !== undefined && epoch !== undefined) held.push({ permit, epoch });
        } else if ('settle' in step) {
          const [settled] = held.splice(step.settle % Math.max(1, held.length), 1);
          settled?.permit[step.verdict]();
          if (settled !== undefined) model.settle(settled.epoch, step.verdict);
        } else {
          clock.advanceSync(step.advanceMs);
          model.now += step.advanceMs;
        }
        expect(circuit.state.kind).toBe(model.kind);
        if (model.kind === 'open') expect(circuit.retryAfterMs()).toBe(Math.max(0, model.until - model.now));
      }
    }),
    { numRuns: 2_000 },
  );
});
