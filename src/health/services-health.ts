import { type HealthReport, overallStatus, type ServiceStatus } from './health-report.ts';

/** What is known of all services. */
export interface ServicesHealth {
  readonly status: ServiceStatus;
  readonly services: Readonly<Record<string, HealthReport>>;
}

/** Sums the services up: `degraded` when some but not all are available. */
export function servicesHealth(reports: readonly HealthReport[]): ServicesHealth {
  return {
    status: overallStatus(reports.map(({ status }) => status)),
    services: Object.fromEntries(reports.map(report => [report.service, report])),
  };
}
