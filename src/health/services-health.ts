import { type HealthReport, overallStatus, type ServiceStatus } from './health-report.ts';

/** The health of several services. */
export interface ServicesHealth {
  /** `up` when all are, `down` when all are, `degraded` when some are not fully up. */
  readonly status: ServiceStatus;
  /** By the service's name. */
  readonly services: Readonly<Record<string, HealthReport>>;
}

/** Sums up. */
export function summarizeHealth(reports: readonly HealthReport[]): ServicesHealth {
  return {
    status: overallStatus(reports.map(({ status }) => status)),
    services: Object.fromEntries(reports.map(report => [report.service, report])),
  };
}
