import { expect, test, vi } from 'vitest';
import { circuitOnBench } from './circuit-bench.ts';

vi.mock('opossum', () => ({
  default: class {
    readonly opened = false;
    readonly status = { window: [] };
    fire(): Promise<void> {
      return Promise.resolve();
    }
    open(): void {}
    shutdown(): void {}
  },
}));

test('it is opossum that counts and opens: with a broken one no circuit ever opens', () => {
  const { circuit, report } = circuitOnBench({ minThroughput: 1 });
  report('failure', 1_000);
  expect(circuit.state.kind).toBe('closed');
});
