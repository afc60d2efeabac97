import { describe, expect, test } from 'vitest';
import { healthReport, overallStatus, type ServiceStatus } from '../../../src/health/health-report.ts';
import { summarizeHealth } from '../../../src/health/services-health.ts';
import { type ProbeOutcome, ProbeState } from '../../../src/probe/probe-state.ts';
import { address, endpointsOnBench, probing } from '../endpoints/endpoints-on-bench.ts';

const single = (circuitBreaker?: false) => {
  const bench = endpointsOnBench({
    endpoints: [address('http://a')],
    random: () => 0.5,
    ...(circuitBreaker === false && { circuitBreaker }),
  });
  const report = () => healthReport('users', bench.set.all);
  return { ...bench, endpoint: bench.named('http://a'), report, health: () => report().endpoints[0] };
};

const probed = (result: ProbeOutcome['result']): ProbeOutcome => ({
  record: { at: 1, ok: result === 'passed', durationMs: 5 },
  result,
});

describe('an endpoint without probes', () => {
  test('is unknown until traffic tells, with nothing made up', () => {
    expect(single().report()).toEqual({
      service: 'users',
      status: 'unknown',
      endpoints: [{ url: 'http://a', status: 'unknown', circuit: 'closed', inFlight: 0 }],
    });
  });

  test('is up after a success, and shows the latency as of then', async () => {
    const { endpoint, clock, health } = single();
    endpoint.begin();
    endpoint.end(25, false);
    await clock.advance(60_000);
    expect(health()).toMatchObject({ status: 'up', latencyMs: 25 });
  });

  test('is not up after a failure', () => {
    const { endpoint, health } = single();
    endpoint.begin();
    endpoint.end(25, true);
    expect(health()).toMatchObject({ status: 'unknown' });
  });

  test('is down while its circuit is open or half-open', async () => {
    const { endpoint, clock, health, open } = single();
    endpoint.begin();
    endpoint.end(25, false);
    open('http://a');
    expect(health()).toMatchObject({ status: 'down', circuit: 'open' });
    await clock.advance(5_000);
    const trial = endpoint.circuit.acquire();
    expect(health()).toMatchObject({ status: 'down', circuit: 'half-open' });
    trial?.success();
    expect(health()).toMatchObject({ status: 'up', circuit: 'closed' });
  });

  test('without a circuit breaker says so', () => {
    expect(single(false).health()).toMatchObject({ circuit: 'disabled', status: 'unknown' });
  });

  test.each([
    ['passed', 'up'],
    ['failed', 'down'],
    ['inconclusive', 'unknown'],
  ] as const)('whose one-off probe %s is reported %s, with the probe', (result, status) => {
    const { set, endpoint } = single();
    const outcome = probed(result);
    const report = healthReport('users', set.all, new Map([[endpoint, outcome]]));
    expect(report.endpoints[0]).toMatchObject({ status, lastProbe: outcome.record });
  });
});

test('with probes it is what they say, whatever a single one found', () => {
  const { endpoint, set, health } = single();
  endpoint.probes = new ProbeState(probing);
  expect(health()).toMatchObject({ status: 'unknown' });
  endpoint.probes.count(true);
  expect(health()).toMatchObject({ status: 'up' });
  endpoint.probes.count(false);
  const report = healthReport('users', set.all, new Map([[endpoint, probed('failed')]]));
  expect(report.status).toBe('up');
  for (let index = 0; index < 2; index++) endpoint.probes.count(false);
  expect(health()).toMatchObject({ status: 'down' });
});

test.each<[readonly ServiceStatus[], ServiceStatus]>([
  [[], 'unknown'],
  [['unknown', 'unknown'], 'unknown'],
  [['up', 'up'], 'up'],
  [['up', 'unknown'], 'up'],
  [['up', 'down'], 'degraded'],
  [['unknown', 'down'], 'degraded'],
  [['up', 'degraded'], 'degraded'],
  [['down', 'down'], 'down'],
])('%j together are %s', (parts, status) => {
  expect(overallStatus(parts)).toBe(status);
});

test('sums up services by name', () => {
  const users = { service: 'users', status: 'up', endpoints: [] } as const;
  const media = { service: 'media', status: 'down', endpoints: [] } as const;
  expect(summarizeHealth([users, media])).toEqual({ status: 'degraded', services: { users, media } });
});
