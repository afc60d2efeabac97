import { nameErrors } from './error-prototype.ts';
import { ServiceClientError } from './service-client-error.ts';

export interface OverloadedErrorInit {
  readonly service: string;
  readonly maxConcurrent: number;
  readonly maxQueued: number;
}

/** Rejects a call at once, without a request: as many as the bulkhead allows are running and waiting. */
export class OverloadedError extends ServiceClientError {
  readonly code = 'ERR_OVERLOADED';
  readonly gatewayStatus = 503;
  /** Calls that may run at once. */
  readonly maxConcurrent: number;
  /** Calls that may wait for that. */
  readonly maxQueued: number;

  static {
    nameErrors(OverloadedError.prototype, 'OverloadedError');
  }

  constructor(init: OverloadedErrorInit) {
    super(`overloaded, ${init.maxConcurrent} calls running and ${init.maxQueued} waiting`, init, true);
    this.maxConcurrent = init.maxConcurrent;
    this.maxQueued = init.maxQueued;
  }
}
