import type { ClientPlan, Scenario } from './scenario.ts';

type Fails = (scenario: Scenario) => Promise<boolean>;

/** Takes out of a failing scenario whatever it fails without. */
export async function shrinkScenario(scenario: Scenario, fails: Fails): Promise<Scenario> {
  let smallest = scenario;
  for (const key of ['calls', 'faults', 'stalls', 'calls'] as const) {
    const kept = await shrinkList<unknown>(smallest[key], items => fails({ ...smallest, [key]: items }));
    smallest = { ...smallest, [key]: kept };
  }
  for (let index = 0; index < smallest.clients.length; index++) {
    for (const simpler of SIMPLER) {
      const clients = smallest.clients.map((plan, at) => (at === index ? { ...plan, ...simpler } : plan));
      const candidate = { ...smallest, clients };
      if (await fails(candidate)) smallest = candidate;
    }
  }
  return smallest;
}

const SIMPLER: readonly Partial<ClientPlan>[] = [
  { close: undefined },
  { interceptor: 'none' },
  { auth: false },
  { members: [] },
  { strategy: 'round-robin' },
];

/** Halves, quarters, and so on down to single items: each is left out for good if it is not needed. */
async function shrinkList<Item>(
  list: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let kept = list;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length; ) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (await fails(rest)) kept = rest;
      else start += size;
    }
  }
  return kept;
}
