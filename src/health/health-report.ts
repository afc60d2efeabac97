import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ProbeOutcome, ProbeRecord } from '../probe/probe-state.ts';

/** `up` and `down` as probes and traffic tell; `unknown` before they do; `degraded` when some but not all endpoints are available. */
export type ServiceStatus = 'up' | 'degraded' | 'down' | 'unknown';

/** What is known of a service and of each of its endpoints. */
export interface HealthReport {
  /** The client's `name`. */
  readonly service: string;
  readonly status: ServiceStatus;
  readonly endpoints: readonly EndpointHealth[];
}

/** What is known of one endpoint. */
export interface EndpointHealth {
  /** Origin plus base path. */
  readonly url: string;
  /** `down` while its circuit or its probes keep traffic away; without probes, `unknown` until traffic tells. */
  readonly status: 'up' | 'down' | 'unknown';
  readonly circuit: 'closed' | 'open' | 'half-open' | 'disabled';
  /** Attempts on the wire now. */
  readonly inFlight: number;
  /** Latency in milliseconds (peak-EWMA) as of the last answer, once there was one. */
  readonly latencyMs?: number;
  /** The latest probe. */
  readonly lastProbe?: ProbeRecord;
}

const NO_OUTCOMES: ReadonlyMap<Endpoint, ProbeOutcome> = new Map();

/** A snapshot; sends nothing. An endpoint that keeps no results of its own, since probing is off, is judged by `outcomes`. */
export function healthReport(
  service: string,
  endpoints: readonly Endpoint[],
  outcomes = NO_OUTCOMES,
): HealthReport {
  const entries = endpoints.map(endpoint => endpointHealth(endpoint, outcomes.get(endpoint)));
  return { service, status: overallStatus(entries.map(({ status }) => status)), endpoints: entries };
}

/** One status for several parts: of a service's endpoints, or of several services. */
export function overallStatus(parts: readonly ServiceStatus[]): ServiceStatus {
  const down = parts.filter(status => status === 'down').length;
  if (down > 0 && down === parts.length) return 'down';
  if (down > 0 || parts.includes('degraded')) return 'degraded';
  return parts.includes('up') ? 'up' : 'unknown';
}

function endpointHealth(endpoint: Endpoint, outcome: ProbeOutcome | undefined): EndpointHealth {
  const { url, inFlight, lastLatencyMs: latencyMs, probes, circuit } = endpoint;
  const lastProbe = probes === undefined ? outcome?.record : probes.last;
  return {
    url,
    status: endpointStatus(endpoint, outcome),
    circuit: circuit.state.kind,
    inFlight,
    ...(latencyMs !== undefined && { latencyMs }),
    ...(lastProbe !== undefined && { lastProbe }),
  };
}

function endpointStatus(endpoint: Endpoint, outcome: ProbeOutcome | undefined): EndpointHealth['status'] {
  const { available, answered, probes } = endpoint;
  if (!available) return 'down';
  if (probes === undefined && outcome?.result === 'failed') return 'down';
  return answered || probes?.verdict === 'up' || outcome?.result === 'passed' ? 'up' : 'unknown';
}
