import type { ResolvedOptions } from '../options/resolved-options.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { CustomBalancer } from './pickers/custom-balancer.ts';
import { LeastRequestBalancer } from './pickers/least-request-balancer.ts';
import { PeakEwmaBalancer } from './pickers/peak-ewma-balancer.ts';
import { RandomBalancer } from './pickers/random-balancer.ts';
import { RoundRobinBalancer } from './pickers/round-robin-balancer.ts';

/** The load balancer for `loadBalancing.strategy`. */
export function chooseLoadBalancer(
  options: Pick<ResolvedOptions, 'name' | 'loadBalancing' | 'random'>,
): LoadBalancer {
  const { name, random, loadBalancing } = options;
  const { strategy } = loadBalancing;
  switch (strategy) {
    case 'peak-ewma':
      return new PeakEwmaBalancer(random);
    case 'round-robin':
      return new RoundRobinBalancer();
    case 'random':
      return new RandomBalancer(random);
    case 'least-request':
      return new LeastRequestBalancer(random);
    default:
      return new CustomBalancer(strategy, name);
  }
}
