import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface UnhealthyErrorInit {
  readonly service: string;
  /** The endpoints that probes say are down. */
  readonly endpoints: readonly string[];
}

const MAX_LISTED = 3;

/** Rejects a call at once, without a request: probes say that every endpoint is down. */
export class UnhealthyError extends ServiceClientError {
  readonly code = 'ERR_UNHEALTHY';
  readonly gatewayStatus = 503;
  /** The endpoints that probes say are down. */
  readonly endpoints: readonly string[];

  static {
    nameErrors(UnhealthyError.prototype, 'UnhealthyError');
  }

  constructor(init: UnhealthyErrorInit) {
    const { service, endpoints } = init;
    const more = endpoints.length > MAX_LISTED ? ` and ${endpoints.length - MAX_LISTED} more` : '';
    super(
      `no healthy endpoint, down: ${endpoints.slice(0, MAX_LISTED).join(', ')}${more}`,
      { service },
      true,
    );
    this.endpoints = Object.freeze([...endpoints]);
  }
}
